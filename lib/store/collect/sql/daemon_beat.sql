-- The daemon $2 of host $1 is alive. Its name: the one it has, else the first that no living daemon has.
-- returns: id bigint
WITH name AS (
    SELECT coalesce(
        (SELECT hostname FROM collectors
         WHERE organization_id IS NULL AND kind = 'daemon' AND detail ->> 'process' = $2::text LIMIT 1),
        (SELECT candidate.name
         FROM (SELECT number, CASE number WHEN 1 THEN $1::text ELSE $1 || ' #' || number END AS name
               FROM generate_series(1, 100) AS number) AS candidate
         WHERE NOT EXISTS (SELECT FROM collectors
                           WHERE organization_id IS NULL AND kind = 'daemon' AND hostname = candidate.name
                             AND last_seen_at > now() - interval '30 seconds' AND detail ->> 'process' IS NOT NULL)
         ORDER BY candidate.number LIMIT 1)) AS hostname
)
INSERT INTO collectors AS known (organization_id, kind, hostname, version, status, detail, last_seen_at)
SELECT NULL, 'daemon', name.hostname, $3::text, 'online', $4::jsonb || jsonb_build_object('process', $2), now()
FROM name
ON CONFLICT (organization_id, database_connection_id, kind, hostname) DO UPDATE
SET version = excluded.version, status = 'online', detail = excluded.detail, last_seen_at = now()
WHERE known.detail ->> 'process' = $2 OR known.detail ->> 'process' IS NULL
   OR known.last_seen_at < now() - interval '30 seconds'
RETURNING id
