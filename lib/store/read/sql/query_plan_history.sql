-- Plans of a fingerprint, newest first, and what each plan changed. Before: the sums of whole buckets from the plan
-- before it until it came. After: the sums from then on until the next plan came. Each is at most $5 seconds long,
-- and the bucket in which the plan came is in neither. Five-minute buckets where they are kept, else hours.
-- $1 organization, $2 chosen connections, $3 hash, $4 for how many seconds five-minute buckets are kept, $6 limit;
-- $7, $8, $9: time, connection and plan of the last row of the page before, or NULL. $10 bytes of the plans
-- together: the first plan is always there; from the one that goes beyond the bytes on, plans are NULL.
-- returns: plan_hash uuid, database_connection_id bigint, first_seen_at timestamptz, last_seen_at timestamptz,
--   plan jsonb, provenance text, total_cost float8, previous_hash uuid, calls_before bigint, total_ms_before float8,
--   calls_after bigint, total_ms_after float8
WITH plans AS (
    SELECT organization_id, database_connection_id, plan_hash, plan, provenance, total_cost, first_seen_at,
           last_seen_at, lag(plan_hash) OVER history AS previous_hash, lag(first_seen_at) OVER history AS previous_at,
           lead(first_seen_at) OVER history AS next_at,
           CASE WHEN first_seen_at > now() - make_interval(secs => $4::int) THEN 300 ELSE 3600 END AS resolution_s
    FROM query_plans
    WHERE sql_hash = $3::uuid
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
    WINDOW history AS (PARTITION BY database_connection_id ORDER BY first_seen_at, plan_hash)
), page AS (
    SELECT organization_id, database_connection_id, plan_hash, plan, provenance, total_cost, first_seen_at,
           last_seen_at, previous_hash, previous_at, next_at, resolution_s,
           date_bin(make_interval(secs => resolution_s), first_seen_at, '2000-01-01 00:00:00+00') AS changed_bucket
    FROM plans
    WHERE $7::timestamptz IS NULL OR first_seen_at < $7::timestamptz
       OR first_seen_at = $7::timestamptz AND (database_connection_id, plan_hash) > ($8::bigint, $9::uuid)
    ORDER BY first_seen_at DESC, database_connection_id, plan_hash
    LIMIT $6::int
), sized AS (
    SELECT organization_id, database_connection_id, plan_hash, plan, provenance, total_cost, first_seen_at,
           last_seen_at, previous_hash, previous_at, next_at, resolution_s, changed_bucket,
           octet_length(plan::text) AS bytes
    FROM page
), summed AS (
    SELECT organization_id, database_connection_id, plan_hash, plan, provenance, total_cost, first_seen_at,
           last_seen_at, previous_hash, previous_at, next_at, resolution_s, changed_bucket, bytes,
           sum(bytes) OVER (ORDER BY first_seen_at DESC, database_connection_id, plan_hash
                            ROWS UNBOUNDED PRECEDING) AS bytes_so_far
    FROM sized
)
SELECT page.plan_hash, page.database_connection_id, page.first_seen_at, page.last_seen_at,
       CASE WHEN page.bytes_so_far <= $10::bigint OR page.bytes_so_far = page.bytes THEN page.plan END AS plan,
       page.provenance, page.total_cost, page.previous_hash, before.calls AS calls_before,
       before.total_ms AS total_ms_before, after.calls AS calls_after, after.total_ms AS total_ms_after
FROM summed AS page
LEFT JOIN LATERAL (
    SELECT least(sum(metric.calls), 9e18)::bigint AS calls, sum(metric.total_ms) AS total_ms
    FROM query_fingerprint_metrics AS metric
    WHERE metric.organization_id = page.organization_id AND metric.database_connection_id = page.database_connection_id
      AND metric.sql_hash = $3::uuid AND metric.resolution_s = page.resolution_s
      AND metric.bucket_at >= greatest(page.previous_at, page.first_seen_at - make_interval(secs => $5::int))
      AND metric.bucket_at < page.changed_bucket) AS before ON page.previous_hash IS NOT NULL
LEFT JOIN LATERAL (
    SELECT least(sum(metric.calls), 9e18)::bigint AS calls, sum(metric.total_ms) AS total_ms
    FROM query_fingerprint_metrics AS metric
    WHERE metric.organization_id = page.organization_id AND metric.database_connection_id = page.database_connection_id
      AND metric.sql_hash = $3::uuid AND metric.resolution_s = page.resolution_s
      AND metric.bucket_at > page.changed_bucket
      AND metric.bucket_at + make_interval(secs => page.resolution_s)
          <= least(coalesce(page.next_at, 'infinity'), page.first_seen_at + make_interval(secs => $5::int))) AS after
    ON page.previous_hash IS NOT NULL
ORDER BY page.first_seen_at DESC, page.database_connection_id, page.plan_hash
