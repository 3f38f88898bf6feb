-- Fingerprints over a period, heaviest first, with the sums of everything the chosen connections ran.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL;
-- $5 to $14: the period cut into five-minute, hour, day, hour and five-minute buckets (store/query_parts.h);
-- $15 statement kind, $16 table, $17 search, each or NULL, $18 least mean, $19 sort (enum query_sort), $20 limit, $21 offset.
-- One row with no fingerprint when the page is empty, for the totals.
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
),
facts AS (
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
      AND resolution_s = 300 AND bucket_at >= $5::timestamptz AND bucket_at < $6::timestamptz
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
      AND resolution_s = 3600 AND bucket_at >= $7::timestamptz AND bucket_at < $8::timestamptz
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
      AND resolution_s = 86400 AND bucket_at >= $9::timestamptz AND bucket_at < $10::timestamptz
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
      AND resolution_s = 3600 AND bucket_at >= $11::timestamptz AND bucket_at < $12::timestamptz
    UNION ALL
    SELECT sql_hash, database_connection_id, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
           total_ms, max_ms
    FROM query_fingerprint_metrics
    WHERE database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
      AND resolution_s = 300 AND bucket_at >= $13::timestamptz AND bucket_at < $14::timestamptz
),
by_connection AS (
    SELECT sql_hash, database_connection_id, sum(calls)::bigint AS calls, sum(slow_calls)::bigint AS slow_calls,
           sum(rows_examined)::bigint AS rows_examined, sum(rows_returned)::bigint AS rows_returned,
           sum(blocks_hit)::bigint AS blocks_hit, sum(blocks_read)::bigint AS blocks_read,
           sum(total_ms) AS total_ms, max(max_ms) AS max_ms
    FROM facts GROUP BY sql_hash, database_connection_id
),
by_hash AS (
    SELECT sql_hash, array_agg(database_connection_id ORDER BY database_connection_id) AS connection_ids,
           sum(calls)::bigint AS calls, sum(slow_calls)::bigint AS slow_calls,
           sum(rows_examined)::bigint AS rows_examined, sum(rows_returned)::bigint AS rows_returned,
           sum(blocks_hit)::bigint AS blocks_hit, sum(blocks_read)::bigint AS blocks_read,
           sum(total_ms) AS total_ms, max(max_ms) AS max_ms
    FROM by_connection GROUP BY sql_hash
),
totals AS (
    SELECT coalesce(sum(total_ms), 0)::float8 AS total_ms, coalesce(sum(calls), 0)::bigint AS calls,
           coalesce(sum(slow_calls), 0)::bigint AS slow_calls
    FROM by_hash
),
matching AS (
    SELECT sql_hash, connection_ids, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read, total_ms,
           max_ms
    FROM by_hash
    WHERE total_ms >= $18::float8 * calls
      AND ($15::text IS NULL AND $16::text IS NULL AND $17::text IS NULL
           OR EXISTS (SELECT FROM query_fingerprints AS query
                      WHERE query.sql_hash = by_hash.sql_hash
                        AND query.organization_id = $1::bigint -- scope
                        AND ($15::text IS NULL OR query.statement_kind = $15::text)
                        AND ($16::text IS NULL OR $16::text = ANY (query.tables))
                        AND ($17::text IS NULL OR position(lower($17::text) IN lower(query.fingerprint)) > 0)))
),
page AS (
    SELECT sql_hash, connection_ids, calls, slow_calls, rows_examined, rows_returned, blocks_hit, blocks_read, total_ms,
           max_ms, row_number() OVER (ORDER BY sort_key DESC, sql_hash) AS position
    FROM matching
    CROSS JOIN LATERAL (
        SELECT CASE $19::int
                   WHEN 2 THEN calls
                   WHEN 3 THEN total_ms / greatest(calls, 1)
                   WHEN 4 THEN max_ms
                   WHEN 5 THEN greatest(rows_examined, rows_returned)
                   WHEN 6 THEN (SELECT extract(epoch FROM max(seen.last_seen_at))::float8
                                FROM query_fingerprint_connections AS seen
                                WHERE seen.sql_hash = matching.sql_hash
                                  AND seen.organization_id = $1::bigint -- scope
                                  AND seen.database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[]))
                   ELSE total_ms
               END AS sort_key) AS key
    ORDER BY sort_key DESC, sql_hash
    LIMIT $20::int OFFSET $21::int
)
SELECT (SELECT count(*) FROM matching), totals.total_ms, totals.calls, totals.slow_calls,
       page.sql_hash, left(query.fingerprint, 2000), query.statement_kind, query.tables, seen.first_seen_at, seen.last_seen_at
FROM totals
LEFT JOIN page ON true
LEFT JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
                                     AND query.organization_id = $1::bigint -- scope
LEFT JOIN LATERAL (
    SELECT min(first_seen_at) AS first_seen_at, max(last_seen_at) AS last_seen_at
    FROM query_fingerprint_connections AS connection
    WHERE connection.sql_hash = page.sql_hash
      AND connection.organization_id = $1::bigint -- scope
      AND connection.database_connection_id = ANY ($2::bigint[]) -- scope
    ) AS seen ON true
ORDER BY page.position
