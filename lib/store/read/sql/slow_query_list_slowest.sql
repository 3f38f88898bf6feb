-- Samples of all fingerprints, slowest first. No index keeps samples in this order: histograms tell in which hours
-- of which connections the slowest samples are. If the highest bin of a connection's day is b, the day has a sample
-- of b or more. So if the page has n rows, and n days reach b, nothing below b is on the page. The same is done
-- again with the hours of those days, and with the five minutes of those hours. Only their samples are read, and the
-- samples of hours that are not all rolled up yet.
-- $1 organization, $2 chosen connections, $3 to $4 period, $5 least duration; $6, $7: duration and id of the last
-- row of the page before, $8 how many to read; $9, $10, $11: from when on all rollups of an hour, of five minutes, and
-- all samples are kept; $12 whether statements that read catalogues alone are listed too, $13 limit. Histograms have
-- the samples of all statements: those that are not listed are among the $8 that are read. The last of so many has
-- is_last_read, and is there, listed or not, unless the page is full before.
-- returns: id bigint, database_connection_id bigint, captured_at timestamptz, connection_name text, engine text,
--   sql_hash uuid, fingerprint text, statement_kind text, full_sql text, duration_ms float8, rows_examined bigint,
--   rows_returned bigint, lock_us bigint, user_host text, database_name text, provenance smallint, plan_hash uuid,
--   is_listed boolean,
--   is_last_read boolean
WITH chosen AS MATERIALIZED (
    SELECT id, name, engine
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
), cursor AS MATERIALIZED (
    SELECT CASE WHEN $6::float8 = 'infinity' THEN 1000 ELSE histogram_bin($6::float8) END AS bin
), days AS MATERIALIZED (
    SELECT metric.database_connection_id, metric.bucket_at, metric.bucket_at + interval '1 day' AS until_at,
           reached.bin, reached.below
    FROM query_metrics AS metric
    CROSS JOIN cursor
    CROSS JOIN LATERAL (
        SELECT max(entry >> 40) AS bin, max(entry >> 40) FILTER (WHERE entry >> 40 < cursor.bin) AS below
        FROM unnest(CASE WHEN cursor.bin >= 1000 THEN metric.histogram[cardinality(metric.histogram):]
                         ELSE metric.histogram END) AS entry
        WHERE entry >> 40 <= cursor.bin) AS reached
    WHERE metric.resolution_s = 86400
      AND metric.bucket_at > $3::timestamptz - interval '1 day' AND metric.bucket_at < $4::timestamptz
      AND metric.organization_id = $1::bigint -- scope
      AND metric.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
), day_threshold AS MATERIALIZED (
    -- The slowest sample of a day at an end of the period may lie outside of it, and samples are deleted before their
    -- rollups: such days promise nothing. Their hours are read.
    SELECT coalesce((SELECT below FROM days
                     WHERE bucket_at >= $3::timestamptz AND bucket_at >= $11::timestamptz
                       AND until_at <= $4::timestamptz AND below IS NOT NULL
                     ORDER BY below DESC OFFSET $8::int - 1 LIMIT 1), 0) AS bin
), hours AS MATERIALIZED (
    -- A day whose hours are not all kept is read as a whole.
    -- Ends are computed before they are compared: under row policies no index serves a sum.
    SELECT days.database_connection_id,
           greatest(coalesce(metric.bucket_at, days.bucket_at), $3::timestamptz) AS from_at,
           least(coalesce(metric.bucket_at + interval '1 hour', days.until_at), $4::timestamptz) AS until_at,
           greatest(metric.bucket_at, $3::timestamptz - interval '5 minutes') AS fine_at,
           CASE WHEN metric.bucket_at IS NULL THEN days.bin ELSE reached.bin END AS bin,
           CASE WHEN metric.bucket_at >= $3::timestamptz AND metric.bucket_at >= $11::timestamptz
                     AND metric.bucket_at + interval '1 hour' <= $4::timestamptz
                THEN reached.below END AS below
    FROM days
    CROSS JOIN cursor
    CROSS JOIN day_threshold
    LEFT JOIN LATERAL (
        SELECT bucket_at, histogram FROM query_metrics
        WHERE days.bucket_at >= $9::timestamptz AND database_connection_id = days.database_connection_id
          AND resolution_s = 3600 AND bucket_at >= days.bucket_at AND bucket_at < days.until_at
          AND bucket_at > $3::timestamptz - interval '1 hour' AND bucket_at < $4::timestamptz
          AND organization_id = $1::bigint -- scope
        OFFSET 0) AS metric ON true
    CROSS JOIN LATERAL (
        SELECT max(entry >> 40) AS bin, max(entry >> 40) FILTER (WHERE entry >> 40 < cursor.bin) AS below
        FROM unnest(CASE WHEN cursor.bin >= 1000 THEN metric.histogram[cardinality(metric.histogram):]
                         ELSE metric.histogram END) AS entry
        WHERE entry >> 40 <= cursor.bin) AS reached
    WHERE days.bin >= day_threshold.bin
), hour_threshold AS MATERIALIZED (
    SELECT greatest((SELECT bin FROM day_threshold),
                    coalesce((SELECT below FROM hours
                              WHERE below IS NOT NULL
                              ORDER BY below DESC OFFSET $8::int - 1 LIMIT 1), 0)) AS bin
), fine AS MATERIALIZED (
    SELECT hours.database_connection_id, greatest(metric.bucket_at, hours.from_at) AS from_at,
           least(metric.bucket_at + interval '5 minutes', hours.until_at) AS until_at,
           CASE WHEN metric.bucket_at IS NULL THEN hours.bin ELSE reached.bin END AS bin,
           CASE WHEN metric.bucket_at >= hours.from_at AND metric.bucket_at >= $11::timestamptz
                     AND metric.bucket_at + interval '5 minutes' <= hours.until_at
                THEN reached.below END AS below
    FROM hours
    CROSS JOIN cursor
    LEFT JOIN LATERAL (
        SELECT bucket_at, histogram FROM query_metrics
        WHERE hours.fine_at >= $10::timestamptz AND database_connection_id = hours.database_connection_id
          AND resolution_s = 300 AND bucket_at >= hours.fine_at AND bucket_at < hours.until_at
          AND organization_id = $1::bigint -- scope
        OFFSET 0) AS metric ON true
    CROSS JOIN LATERAL (
        SELECT max(entry >> 40) AS bin, max(entry >> 40) FILTER (WHERE entry >> 40 < cursor.bin) AS below
        FROM unnest(CASE WHEN cursor.bin >= 1000 THEN metric.histogram[cardinality(metric.histogram):]
                         ELSE metric.histogram END) AS entry
        WHERE entry >> 40 <= cursor.bin) AS reached
    WHERE hours.bin >= (SELECT bin FROM hour_threshold)
), fine_threshold AS MATERIALIZED (
    SELECT greatest((SELECT bin FROM hour_threshold),
                    coalesce((SELECT below FROM fine
                              WHERE below IS NOT NULL
                              ORDER BY below DESC OFFSET $8::int - 1 LIMIT 1), 0)) AS bin
), unfolded AS MATERIALIZED (
    SELECT database_connection_id, greatest(hour_at, $3::timestamptz) AS from_at,
           least(hour_at + interval '1 hour', $4::timestamptz) AS until_at
    FROM sample_hours_unfolded()
    WHERE hour_at > $3::timestamptz - interval '1 hour' AND hour_at < $4::timestamptz
), picked AS MATERIALIZED (
    SELECT database_connection_id, from_at, until_at FROM fine WHERE bin >= (SELECT bin FROM fine_threshold)
), candidates AS MATERIALIZED (
    -- No sample twice: of two that overlap the longer one.
    SELECT database_connection_id, from_at, until_at FROM picked
    WHERE NOT EXISTS (SELECT FROM unfolded
                      WHERE unfolded.database_connection_id = picked.database_connection_id
                        AND unfolded.from_at <= picked.from_at AND unfolded.until_at >= picked.until_at)
    UNION ALL
    SELECT database_connection_id, from_at, until_at FROM unfolded
    WHERE NOT EXISTS (SELECT FROM picked
                      WHERE picked.database_connection_id = unfolded.database_connection_id
                        AND picked.from_at <= unfolded.from_at AND picked.until_at >= unfolded.until_at
                        AND picked.until_at - picked.from_at > unfolded.until_at - unfolded.from_at)
)
SELECT page.id, page.database_connection_id, page.captured_at, page.connection_name, page.engine, page.sql_hash,
       left(query.fingerprint, 2000) AS fingerprint, query.statement_kind, left(page.full_sql, 2000) AS full_sql,
       page.duration_ms, page.rows_examined, page.rows_returned, page.lock_us, page.user_host, page.database_name,
       page.provenance,
       page.plan_hash, $12::bool OR NOT query.is_catalog AS is_listed, page.number = $8::int AS is_last_read
FROM (
    SELECT chosen.id AS database_connection_id, chosen.name AS connection_name, chosen.engine::text AS engine,
           sample.id, sample.captured_at, sample.sql_hash, sample.full_sql, sample.duration_ms, sample.rows_examined,
           sample.rows_returned, sample.lock_us, sample.user_host, sample.database_name, sample.provenance,
           sample.plan_hash,
           row_number() OVER (ORDER BY sample.duration_ms DESC, sample.id DESC) AS number
    FROM candidates
    JOIN chosen ON chosen.id = candidates.database_connection_id
    CROSS JOIN LATERAL (
        SELECT id, captured_at, sql_hash, full_sql, duration_ms, rows_examined, rows_returned, lock_us, user_host,
               database_name, provenance, plan_hash
        FROM slow_queries_raw
        WHERE database_connection_id = candidates.database_connection_id
          AND captured_at >= candidates.from_at AND captured_at < candidates.until_at
          AND duration_ms >= $5::float8 AND (duration_ms, id) < ($6::float8, $7::bigint)
          AND organization_id = $1::bigint -- scope
        ORDER BY duration_ms DESC, id DESC
        LIMIT $8::int) AS sample
    ORDER BY sample.duration_ms DESC, sample.id DESC
    LIMIT $8::int) AS page
JOIN query_fingerprints AS query ON query.sql_hash = page.sql_hash
    AND query.organization_id = $1::bigint -- scope
WHERE $12::bool OR NOT query.is_catalog OR page.number = $8::int
ORDER BY page.duration_ms DESC, page.id DESC
LIMIT $13::int
