-- Chunks of connections (migrations/010_segments.sql). A chunk may begin before the period and end after it: the
-- indexes of its buckets tell.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0; $6 width of the
-- buckets, $7 start of the first chunk, $8 end of the period.
-- returns: start_at timestamptz, sums bytea
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
)
SELECT start_at, sums
FROM connection_chunks
WHERE bucket_s = $6::bigint AND start_at >= $7::timestamptz AND start_at < $8::timestamptz
  AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
  AND organization_id = $1::bigint -- scope
