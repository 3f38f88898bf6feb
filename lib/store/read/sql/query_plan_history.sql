-- Plans of a fingerprint, newest first, and what each plan changed. Before: the sums of whole buckets from the plan
-- before it until it came. After: the sums from then on until the next plan came. Each is at most $5 seconds long,
-- and the bucket in which the plan came is in neither. Five-minute buckets where they are kept, else hours. With the
-- buckets' own means, as logarithms, and the samples' distribution of the nearest $11 seconds of each side.
-- Plans go back and forth if one that came before was seen again more than $12 seconds after this one had come.
-- $1 organization, $2 chosen connections, $3 hash, $4 for how many seconds five-minute buckets are kept, $6 limit;
-- $7, $8, $9: time, connection and plan of the last row of the page before, or NULL. $10 bytes of the plans
-- together: the first plan is always there; from the one that goes beyond the bytes on, plans are NULL.
-- returns: plan_hash uuid, database_connection_id bigint, first_seen_at timestamptz, last_seen_at timestamptz,
--   plan jsonb, provenance text, total_cost float8, previous_hash uuid, is_back_and_forth boolean,
--   calls_before bigint, total_ms_before float8, intervals_before bigint, log_mean_before float8,
--   log_deviation_before float8, histogram_before bytea, calls_after bigint, total_ms_after float8,
--   intervals_after bigint, log_mean_after float8, log_deviation_after float8, histogram_after bytea
WITH plans AS (
    SELECT organization_id, database_connection_id, plan_hash, plan, provenance, total_cost, first_seen_at,
           last_seen_at, lag(plan_hash) OVER history AS previous_hash, lag(first_seen_at) OVER history AS previous_at,
           lead(first_seen_at) OVER history AS next_at,
           coalesce(max(last_seen_at) OVER (history ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
                    > first_seen_at + make_interval(secs => $12::int), false) AS is_back_and_forth,
           CASE WHEN first_seen_at > now() - make_interval(secs => $4::int) THEN 300 ELSE 3600 END AS resolution_s
    FROM query_plans
    WHERE sql_hash = $3::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
    WINDOW history AS (PARTITION BY database_connection_id ORDER BY first_seen_at, plan_hash)
), page AS (
    SELECT organization_id, database_connection_id, plan_hash, plan, provenance, total_cost, first_seen_at,
           last_seen_at, previous_hash, previous_at, next_at, is_back_and_forth, resolution_s,
           date_bin(make_interval(secs => resolution_s), first_seen_at, '2000-01-01 00:00:00+00') AS changed_bucket,
           octet_length(plan::text) AS bytes
    FROM plans
    WHERE $7::timestamptz IS NULL OR first_seen_at < $7::timestamptz
       OR first_seen_at = $7::timestamptz AND (database_connection_id, plan_hash) > ($8::bigint, $9::uuid)
    ORDER BY first_seen_at DESC, database_connection_id, plan_hash
    LIMIT $6::int
), sized AS (
    SELECT organization_id, database_connection_id, plan_hash, plan, provenance, total_cost, first_seen_at,
           last_seen_at, previous_hash, previous_at, next_at, is_back_and_forth, resolution_s, changed_bucket, bytes,
           sum(bytes) OVER (ORDER BY first_seen_at DESC, database_connection_id, plan_hash
                            ROWS UNBOUNDED PRECEDING) AS bytes_so_far
    FROM page
), sides AS (
    SELECT organization_id, database_connection_id, plan_hash, changed_bucket, resolution_s, is_after,
           CASE WHEN is_after THEN changed_bucket + make_interval(secs => resolution_s)
                ELSE greatest(previous_at, first_seen_at - make_interval(secs => $5::int)) END AS first_bucket,
           CASE WHEN is_after THEN least(coalesce(next_at, 'infinity'), first_seen_at + make_interval(secs => $5::int))
                ELSE changed_bucket END - make_interval(secs => resolution_s) AS last_bucket
    FROM sized
    CROSS JOIN (VALUES (false), (true)) AS side (is_after)
    WHERE previous_hash IS NOT NULL
), sums AS (
    SELECT side.database_connection_id, side.plan_hash, side.is_after, total.calls, total.total_ms, total.intervals,
           total.log_mean, total.log_deviation, total.histogram
    FROM sides AS side
    CROSS JOIN LATERAL (
        SELECT least(sum(metric.calls), 9e18)::bigint AS calls, sum(metric.total_ms) AS total_ms,
               count(one.log_ms) AS intervals, avg(one.log_ms) AS log_mean, stddev_samp(one.log_ms) AS log_deviation,
               string_agg(histogram_bytes(metric.histogram), '') FILTER (
                   WHERE metric.bucket_at BETWEEN side.changed_bucket - make_interval(secs => $11::int)
                                              AND side.changed_bucket + make_interval(secs => $11::int)) AS histogram
        FROM query_fingerprint_metrics AS metric
        CROSS JOIN LATERAL (SELECT CASE WHEN metric.calls > 0 AND metric.total_ms / metric.calls > 0
                                        THEN ln(metric.total_ms / metric.calls) END AS log_ms) AS one
        WHERE metric.organization_id = side.organization_id
          AND metric.database_connection_id = side.database_connection_id AND metric.sql_hash = $3::uuid
          AND metric.resolution_s = side.resolution_s
          AND metric.bucket_at BETWEEN side.first_bucket AND side.last_bucket) AS total
)
SELECT sized.plan_hash, sized.database_connection_id, sized.first_seen_at, sized.last_seen_at,
       CASE WHEN sized.bytes_so_far <= $10::bigint OR sized.bytes_so_far = sized.bytes THEN sized.plan END AS plan,
       sized.provenance, sized.total_cost, sized.previous_hash, sized.is_back_and_forth,
       before.calls AS calls_before, before.total_ms AS total_ms_before, before.intervals AS intervals_before,
       before.log_mean AS log_mean_before, before.log_deviation AS log_deviation_before,
       before.histogram AS histogram_before, after.calls AS calls_after, after.total_ms AS total_ms_after,
       after.intervals AS intervals_after, after.log_mean AS log_mean_after,
       after.log_deviation AS log_deviation_after, after.histogram AS histogram_after
FROM sized
LEFT JOIN sums AS before
    ON before.database_connection_id = sized.database_connection_id AND before.plan_hash = sized.plan_hash
   AND NOT before.is_after
LEFT JOIN sums AS after
    ON after.database_connection_id = sized.database_connection_id AND after.plan_hash = sized.plan_hash
   AND after.is_after
ORDER BY sized.first_seen_at DESC, sized.database_connection_id, sized.plan_hash
