-- Agents that serve a visible connection, and Potto's own daemons, which say here nothing of what they do for others;
-- last seen first.
-- $3, $4: the last row of the page before; $4 = 0: the first page.
-- returns: id bigint, kind text, hostname text, version text, status text, detail jsonb, registered_at timestamptz,
--   last_seen_at timestamptz, connection_ids bigint[]
SELECT collector.id, collector.kind, collector.hostname, collector.version,
       CASE WHEN collector.last_seen_at > now() - interval '3 minutes' THEN 'online'
            WHEN collector.last_seen_at > now() - interval '15 minutes' THEN 'late'
            ELSE 'offline' END AS status,
       CASE WHEN collector.organization_id IS NOT NULL THEN collector.detail ELSE '{}' END AS detail,
       collector.registered_at, collector.last_seen_at, link.connection_ids
FROM collectors AS collector
CROSS JOIN LATERAL (SELECT coalesce(array_agg(database_connection_id ORDER BY database_connection_id), '{}')
                    FROM collector_databases
                    WHERE collector_id = collector.id
                      AND organization_id = $1::bigint -- scope
                      AND database_connection_id = ANY ($2::bigint[]) -- scope
                   ) AS link (connection_ids)
WHERE true
  AND (collector.organization_id = $1::bigint OR collector.organization_id IS NULL) -- scope
  AND (link.connection_ids <> '{}' OR collector.organization_id IS NULL) -- scope
  AND ($4::bigint = 0 OR (collector.last_seen_at, collector.id) < ($3::timestamptz, $4))
ORDER BY collector.last_seen_at DESC, collector.id DESC
LIMIT $5::int
