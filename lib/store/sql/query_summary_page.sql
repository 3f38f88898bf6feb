-- A page of fingerprints, by their numbers, over a period; in no order.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL;
-- $5 to $14: the period cut into five-minute, hour, day, hour and five-minute buckets (store/query_parts.h); $15 numbers.
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
),
named AS (
    SELECT coalesce(array_agg(sql_hash), '{}') AS hashes
    FROM query_pack_numbers
    WHERE number = ANY ($15::bigint[]::int[])
      AND organization_id = $1::bigint -- scope
),
facts AS (
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = ANY ((SELECT hashes FROM named)::uuid[])
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 300 AND bucket_at >= $5::timestamptz AND bucket_at < $6::timestamptz
      AND organization_id = $1::bigint -- scope
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = ANY ((SELECT hashes FROM named)::uuid[])
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 3600 AND bucket_at >= $7::timestamptz AND bucket_at < $8::timestamptz
      AND organization_id = $1::bigint -- scope
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = ANY ((SELECT hashes FROM named)::uuid[])
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 86400 AND bucket_at >= $9::timestamptz AND bucket_at < $10::timestamptz
      AND organization_id = $1::bigint -- scope
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = ANY ((SELECT hashes FROM named)::uuid[])
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 3600 AND bucket_at >= $11::timestamptz AND bucket_at < $12::timestamptz
      AND organization_id = $1::bigint -- scope
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE sql_hash = ANY ((SELECT hashes FROM named)::uuid[])
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND resolution_s = 300 AND bucket_at >= $13::timestamptz AND bucket_at < $14::timestamptz
      AND organization_id = $1::bigint -- scope
),
by_hash AS (
    SELECT sql_hash, array_agg(DISTINCT database_connection_id) AS connection_ids,
           least(sum(calls), 9e18)::bigint AS calls, least(sum(slow_calls), 9e18)::bigint AS slow_calls,
           least(sum(rows_examined), 9e18)::bigint AS rows_examined, least(sum(rows_returned), 9e18)::bigint AS rows_returned,
           least(sum(blocks_hit), 9e18)::bigint AS blocks_hit, least(sum(blocks_read), 9e18)::bigint AS blocks_read,
           sum(total_ms) AS total_ms, max(max_ms) AS max_ms
    FROM facts GROUP BY sql_hash
)
SELECT known.number, query.sql_hash, left(query.fingerprint, 2000), query.statement_kind, query.tables, by_hash.connection_ids,
       by_hash.calls, by_hash.slow_calls, by_hash.rows_examined, by_hash.rows_returned, by_hash.blocks_hit, by_hash.blocks_read,
       by_hash.total_ms, by_hash.max_ms, seen.first_seen_at, seen.last_seen_at
FROM by_hash
JOIN query_pack_numbers AS known ON known.sql_hash = by_hash.sql_hash
    AND known.organization_id = $1::bigint -- scope
JOIN query_fingerprints AS query ON query.sql_hash = by_hash.sql_hash
    AND query.organization_id = $1::bigint -- scope
CROSS JOIN LATERAL (
    SELECT min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM query_fingerprint_connections AS connection
    WHERE connection.sql_hash = by_hash.sql_hash
      AND connection.organization_id = $1::bigint -- scope
      AND connection.database_connection_id = ANY ($2::bigint[]) -- scope
) AS seen
