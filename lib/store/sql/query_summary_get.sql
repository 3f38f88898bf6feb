-- One fingerprint over a period; no row if no visible connection ever ran it.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL; $5 to $14: the period in parts
-- (store/query_parts.h); $15 hash.
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
),
seen AS (
    SELECT min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM query_fingerprint_connections
    WHERE sql_hash = $15::uuid AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
    HAVING count(*) > 0
),
facts AS (
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = $15::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 300 AND bucket_at >= $5::timestamptz AND bucket_at < $6::timestamptz
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = $15::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 3600 AND bucket_at >= $7::timestamptz AND bucket_at < $8::timestamptz
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = $15::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 86400 AND bucket_at >= $9::timestamptz AND bucket_at < $10::timestamptz
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = $15::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 3600 AND bucket_at >= $11::timestamptz AND bucket_at < $12::timestamptz
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = $15::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 300 AND bucket_at >= $13::timestamptz AND bucket_at < $14::timestamptz
),
sums AS (
    SELECT coalesce(array_agg(DISTINCT database_connection_id), '{}') AS connection_ids,
           sum(calls)::bigint AS calls, sum(slow_calls)::bigint AS slow_calls,
           sum(rows_examined)::bigint AS rows_examined, sum(rows_returned)::bigint AS rows_returned,
           sum(blocks_hit)::bigint AS blocks_hit, sum(blocks_read)::bigint AS blocks_read,
           sum(total_ms) AS total_ms, max(max_ms) AS max_ms
    FROM facts
),
everything AS (
    SELECT coalesce(sum(total_ms), 0)::float8 AS total_ms
    FROM connection_facts($5::timestamptz, $6::timestamptz, $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::timestamptz,
                          $11::timestamptz, $12::timestamptz, $13::timestamptz, $14::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND fact.organization_id = $1::bigint -- scope
)
SELECT everything.total_ms, query.sql_hash, query.fingerprint, query.statement_kind, query.tables, sums.connection_ids,
       sums.calls, sums.slow_calls, sums.rows_examined, sums.rows_returned, sums.blocks_hit, sums.blocks_read,
       sums.total_ms, sums.max_ms, seen.first_seen_at, seen.last_seen_at
FROM seen, sums, everything, query_fingerprints AS query
WHERE query.sql_hash = $15::uuid
  AND query.organization_id = $1::bigint -- scope
