-- Creates a job that collects at once from the visible connections of engine $4 (NULL: of every engine) that a
-- collector can reach. $1 organization, $2 visible connections, $3 user, $5 least duration in ms or NULL (each
-- connection's own), $6 engines that collectors read.
-- returns: id bigint
WITH chosen AS (
    SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') AS ids
    FROM database_connections
    WHERE ($4::text IS NULL OR engine::text = $4::text) AND engine::text = ANY ($6::text[])
      AND host IS NOT NULL AND is_active AND monitoring_enabled AND NOT is_legacy
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
)
INSERT INTO jobs (organization_id, user_id, kind, payload)
SELECT $1::bigint, $3::bigint, 'collect',
       jsonb_build_object('engine', $4::text, 'min_duration_ms', $5::float8, 'connection_ids', chosen.ids)
FROM chosen
RETURNING id
