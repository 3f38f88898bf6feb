-- Chunks of connections (migrations/010_segments.sql). A chunk may begin before the period and end after it: the
-- indexes of its buckets tell.
-- $1 organization, $2 chosen connections; $3 width of the buckets, $4 start of the first chunk, $5 end
-- of the period.
-- returns: start_at timestamptz, sums bytea
SELECT start_at, sums
FROM connection_chunks
WHERE bucket_s = $3::bigint AND start_at >= $4::timestamptz AND start_at < $5::timestamptz
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
  AND organization_id = $1::bigint -- scope
