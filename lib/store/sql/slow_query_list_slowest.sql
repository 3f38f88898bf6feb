-- Samples of all fingerprints, slowest first, without an order of samples that an index would have to keep: histograms tell in
-- which hours of which connections the slowest are. A connection's day whose highest bin is b has a sample of b or more; so if
-- as many days as the page has rows reach b, nothing below b is on the page. The same again for the hours of those days, and
-- only their samples are read; and those of hours with samples that are not rolled up yet.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0, $6 to $7 period,
-- $8 least duration, $9 kind, $10 table and $11 search are NULL; $12, $13: duration and id of the last row of the page before,
-- $14 limit.
WITH chosen AS MATERIALIZED (
    SELECT id, name, engine
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint)
      AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
      AND $9::text IS NULL AND $10::text IS NULL AND $11::text IS NULL
), cursor AS MATERIALIZED (
    SELECT CASE WHEN $12::float8 = 'infinity' THEN 1000 ELSE histogram_bin($12::float8) END AS bin
), days AS MATERIALIZED (
    SELECT metric.database_connection_id, metric.bucket_at, metric.bucket_at + interval '1 day' AS until_at, reached.bin,
           reached.below
    FROM query_metrics AS metric
    CROSS JOIN cursor
    CROSS JOIN LATERAL (
        SELECT max(entry >> 40) AS bin, max(entry >> 40) FILTER (WHERE entry >> 40 < cursor.bin) AS below
        FROM unnest(CASE WHEN cursor.bin >= 1000 THEN metric.histogram[cardinality(metric.histogram):] ELSE metric.histogram END) AS entry
        WHERE entry >> 40 <= cursor.bin) AS reached
    WHERE metric.database_connection_id = ANY (ARRAY (SELECT id FROM chosen)) AND metric.resolution_s = 86400
      AND metric.bucket_at > $6::timestamptz - interval '1 day' AND metric.bucket_at < $7::timestamptz
      AND metric.organization_id = $1::bigint -- scope
), day_threshold AS MATERIALIZED (
    -- Days at the ends of the period may have their slowest outside of it: they promise nothing, and are looked into.
    SELECT coalesce((SELECT below FROM days
                     WHERE bucket_at >= $6::timestamptz AND until_at <= $7::timestamptz AND below IS NOT NULL
                     ORDER BY below DESC OFFSET $14::int - 1 LIMIT 1), 0) AS bin
), hours AS MATERIALIZED (
    -- Ends are made before they are compared: behind the wall no index takes a sum.
    SELECT metric.database_connection_id, greatest(metric.bucket_at, $6::timestamptz) AS from_at,
           least(metric.bucket_at + interval '1 hour', $7::timestamptz) AS until_at, reached.bin,
           CASE WHEN metric.bucket_at >= $6::timestamptz AND metric.bucket_at + interval '1 hour' <= $7::timestamptz
                THEN reached.below END AS below
    FROM days
    CROSS JOIN cursor
    CROSS JOIN day_threshold
    CROSS JOIN LATERAL (
        SELECT database_connection_id, bucket_at, histogram FROM query_metrics
        WHERE database_connection_id = days.database_connection_id AND resolution_s = 3600
          AND bucket_at >= days.bucket_at AND bucket_at < days.until_at
          AND bucket_at > $6::timestamptz - interval '1 hour' AND bucket_at < $7::timestamptz
          AND organization_id = $1::bigint -- scope
        OFFSET 0) AS metric
    CROSS JOIN LATERAL (
        SELECT max(entry >> 40) AS bin, max(entry >> 40) FILTER (WHERE entry >> 40 < cursor.bin) AS below
        FROM unnest(CASE WHEN cursor.bin >= 1000 THEN metric.histogram[cardinality(metric.histogram):] ELSE metric.histogram END) AS entry
        WHERE entry >> 40 <= cursor.bin) AS reached
    WHERE days.bin >= day_threshold.bin
), hour_threshold AS MATERIALIZED (
    SELECT greatest((SELECT bin FROM day_threshold),
                    coalesce((SELECT below FROM hours
                              WHERE below IS NOT NULL
                              ORDER BY below DESC OFFSET $14::int - 1 LIMIT 1), 0)) AS bin
), candidates AS MATERIALIZED (
    SELECT database_connection_id, from_at, until_at FROM hours WHERE bin >= (SELECT bin FROM hour_threshold)
    UNION
    SELECT database_connection_id, greatest(hour_at, $6::timestamptz), least(hour_at + interval '1 hour', $7::timestamptz)
    FROM sample_hours_unfolded()
    WHERE hour_at > $6::timestamptz - interval '1 hour' AND hour_at < $7::timestamptz
)
SELECT page.id, page.database_connection_id, page.captured_at, page.connection_name, page.engine, page.sql_hash,
       left(query.fingerprint, 2000), query.statement_kind, left(page.full_sql, 2000), page.duration_ms,
       page.rows_examined, page.rows_returned, page.user_host, page.database_name, page.provenance, page.plan_hash
FROM (
    SELECT chosen.id AS database_connection_id, chosen.name AS connection_name, chosen.engine::text AS engine,
           sample.id, sample.captured_at, sample.sql_hash, sample.full_sql, sample.duration_ms, sample.rows_examined,
           sample.rows_returned, sample.user_host, sample.database_name, sample.provenance, sample.plan_hash
    FROM candidates
    JOIN chosen ON chosen.id = candidates.database_connection_id
    CROSS JOIN LATERAL (
        SELECT id, captured_at, sql_hash, full_sql, duration_ms, rows_examined, rows_returned, user_host, database_name,
               provenance, plan_hash
        FROM slow_queries_raw
        WHERE database_connection_id = candidates.database_connection_id
          AND captured_at >= candidates.from_at AND captured_at < candidates.until_at
          AND duration_ms >= $8::float8 AND (duration_ms, id) < ($12::float8, $13::bigint)
          AND organization_id = $1::bigint -- scope
        ORDER BY duration_ms DESC, id DESC
        LIMIT $14::int) AS sample
    ORDER BY sample.duration_ms DESC, sample.id DESC
    LIMIT $14::int) AS page
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
    AND query.organization_id = $1::bigint -- scope
ORDER BY page.duration_ms DESC, page.id DESC
