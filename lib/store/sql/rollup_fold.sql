-- Take up to $1 deltas away and add them to the rollups of all three resolutions, for each fingerprint and for
-- each connection. Numbers that came from outside are held within their types: nothing that anybody sends may stop
-- the fold. Rows are written in the order of their keys.
WITH picked AS (
    SELECT id FROM rollup_deltas ORDER BY id LIMIT $1::int
), folded AS (
    DELETE FROM rollup_deltas AS delta USING picked WHERE delta.id = picked.id
    RETURNING delta.organization_id, delta.database_connection_id, delta.sql_hash, delta.bucket_at, delta.counter_calls,
              delta.counter_ms, delta.counter_slow_calls, delta.sample_calls, delta.sample_ms, delta.max_ms,
              delta.rows_examined, delta.rows_returned, delta.blocks_hit, delta.blocks_read
), fine AS (
    SELECT organization_id, database_connection_id, sql_hash, bucket_at,
           sum(counter_calls) AS counter_calls, sum(least(counter_ms, 1e15::float8)) AS counter_ms,
           sum(counter_slow_calls) AS counter_slow_calls, sum(sample_calls) AS sample_calls,
           sum(least(sample_ms, 1e15::float8)) AS sample_ms, max(least(max_ms, 1e15::float8)) AS max_ms,
           sum(rows_examined) AS rows_examined, sum(rows_returned) AS rows_returned, sum(blocks_hit) AS blocks_hit,
           sum(blocks_read) AS blocks_read
    FROM folded
    GROUP BY organization_id, database_connection_id, sql_hash, bucket_at
), sums AS (
    SELECT organization_id, database_connection_id, sql_hash, resolution.seconds AS resolution_s,
           date_bin(make_interval(secs => resolution.seconds), bucket_at, '2000-01-01 00:00:00+00') AS bucket_at,
           least(sum(counter_calls), 9e18)::bigint AS counter_calls, sum(counter_ms) AS counter_ms,
           least(sum(counter_slow_calls), 9e18)::bigint AS counter_slow_calls,
           least(sum(sample_calls), 9e18)::bigint AS sample_calls, sum(sample_ms) AS sample_ms, max(max_ms) AS max_ms,
           least(sum(rows_examined), 9e18)::bigint AS rows_examined,
           least(sum(rows_returned), 9e18)::bigint AS rows_returned,
           least(sum(blocks_hit), 9e18)::bigint AS blocks_hit, least(sum(blocks_read), 9e18)::bigint AS blocks_read
    FROM fine CROSS JOIN (VALUES (300), (3600), (86400)) AS resolution (seconds)
    GROUP BY 1, 2, 3, 4, 5
), fingerprints AS (
    INSERT INTO query_fingerprint_metrics AS known
           (organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, counter_calls, counter_ms,
            counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned, blocks_hit, blocks_read)
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, counter_calls, counter_ms,
           counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned, blocks_hit, blocks_read
    FROM sums
    ORDER BY resolution_s, organization_id, database_connection_id, bucket_at, sql_hash
    ON CONFLICT (organization_id, database_connection_id, bucket_at, sql_hash, resolution_s) DO UPDATE
    SET counter_calls = least(known.counter_calls::numeric + excluded.counter_calls, 9e18)::bigint,
        counter_ms = known.counter_ms + excluded.counter_ms,
        counter_slow_calls = least(known.counter_slow_calls::numeric + excluded.counter_slow_calls, 9e18)::bigint,
        sample_calls = least(known.sample_calls::numeric + excluded.sample_calls, 9e18)::bigint,
        sample_ms = known.sample_ms + excluded.sample_ms,
        max_ms = greatest(known.max_ms, excluded.max_ms),
        rows_examined = least(known.rows_examined::numeric + excluded.rows_examined, 9e18)::bigint,
        rows_returned = least(known.rows_returned::numeric + excluded.rows_returned, 9e18)::bigint,
        blocks_hit = least(known.blocks_hit::numeric + excluded.blocks_hit, 9e18)::bigint,
        blocks_read = least(known.blocks_read::numeric + excluded.blocks_read, 9e18)::bigint
), connections AS (
    INSERT INTO query_metrics AS known
           (organization_id, database_connection_id, resolution_s, bucket_at, counter_calls, counter_ms,
            counter_slow_calls, sample_calls, sample_ms)
    SELECT organization_id, database_connection_id, resolution_s, bucket_at, least(sum(counter_calls), 9e18)::bigint,
           sum(counter_ms), least(sum(counter_slow_calls), 9e18)::bigint, least(sum(sample_calls), 9e18)::bigint,
           sum(sample_ms)
    FROM sums
    GROUP BY organization_id, database_connection_id, resolution_s, bucket_at
    ORDER BY organization_id, database_connection_id, resolution_s, bucket_at
    ON CONFLICT (organization_id, database_connection_id, resolution_s, bucket_at) DO UPDATE
    SET counter_calls = least(known.counter_calls::numeric + excluded.counter_calls, 9e18)::bigint,
        counter_ms = known.counter_ms + excluded.counter_ms,
        counter_slow_calls = least(known.counter_slow_calls::numeric + excluded.counter_slow_calls, 9e18)::bigint,
        sample_calls = least(known.sample_calls::numeric + excluded.sample_calls, 9e18)::bigint,
        sample_ms = known.sample_ms + excluded.sample_ms
), versions AS (
    UPDATE organizations SET data_version = data_version + 1
    WHERE id IN (SELECT organization_id FROM folded)
)
SELECT count(*) FROM folded
