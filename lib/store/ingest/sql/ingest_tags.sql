-- What new samples add to the sums by tag. A value that is new to its connection counts as $11 where the key has $10
-- values already. Comes back: how many rows are new.
-- $1 organization, $2 connection; $3 to $9 columns: key, value, hour, fingerprint, samples, their time, the longest.
-- returns: new_count bigint
WITH sent AS MATERIALIZED (
    SELECT tag_key, tag_value, bucket_at, sql_hash, calls, total_ms, max_ms
    FROM unnest($3::text[], $4::text[], $5::timestamptz[], $6::uuid[], $7::bigint[], $8::float8[], $9::float8[])
         AS sum (tag_key, tag_value, bucket_at, sql_hash, calls, total_ms, max_ms)
), distinct_tags AS MATERIALIZED (
    SELECT tag.tag_key, tag.tag_value, known.last_seen_on
    FROM (SELECT DISTINCT tag_key, tag_value FROM sent) AS tag
    LEFT JOIN query_tags AS known
        ON known.organization_id = $1::bigint AND known.database_connection_id = $2::bigint
       AND known.tag_key = tag.tag_key AND known.tag_value = tag.tag_value
), fresh AS MATERIALIZED (
    SELECT ranked.tag_key, ranked.tag_value
    FROM (SELECT tag_key, tag_value, row_number() OVER (PARTITION BY tag_key ORDER BY tag_value) AS place
          FROM distinct_tags WHERE last_seen_on IS NULL) AS ranked
    WHERE ranked.place + (SELECT count(*) FROM query_tags AS known
                          WHERE known.organization_id = $1::bigint AND known.database_connection_id = $2::bigint
                            AND known.tag_key = ranked.tag_key) <= $10::int
), seen AS (
    INSERT INTO query_tags AS known (organization_id, database_connection_id, tag_key, tag_value, last_seen_on)
    SELECT $1::bigint, $2::bigint, tag_key, tag_value, current_date
    FROM (SELECT tag_key, tag_value FROM fresh
          UNION ALL
          SELECT tag_key, tag_value FROM distinct_tags WHERE last_seen_on < current_date) AS tag
    ORDER BY tag_key, tag_value
    ON CONFLICT (organization_id, database_connection_id, tag_key, tag_value) DO UPDATE
    SET last_seen_on = excluded.last_seen_on WHERE known.last_seen_on < excluded.last_seen_on
), kept AS MATERIALIZED (
    SELECT tag_key, tag_value FROM fresh
    UNION ALL
    SELECT tag_key, tag_value FROM distinct_tags WHERE last_seen_on IS NOT NULL
), written AS (
    INSERT INTO query_tag_metrics AS known (organization_id, database_connection_id, bucket_at, tag_key, tag_value,
                                            sql_hash, calls, total_ms, max_ms)
    SELECT $1::bigint, $2::bigint, sent.bucket_at, sent.tag_key, coalesce(kept.tag_value, $11::text) AS value,
           sent.sql_hash, sum(sent.calls), sum(sent.total_ms), max(sent.max_ms)
    FROM sent LEFT JOIN kept ON kept.tag_key = sent.tag_key AND kept.tag_value = sent.tag_value
    GROUP BY sent.bucket_at, sent.tag_key, value, sent.sql_hash
    ORDER BY sent.tag_key, sent.bucket_at, value, sent.sql_hash
    ON CONFLICT (organization_id, database_connection_id, tag_key, bucket_at, tag_value, sql_hash) DO UPDATE
    SET calls = known.calls + excluded.calls, total_ms = known.total_ms + excluded.total_ms,
        max_ms = greatest(known.max_ms, excluded.max_ms)
    RETURNING known.xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new) AS new_count FROM written
