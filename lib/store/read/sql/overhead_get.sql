-- What connection $3 cost its server in the last $4 seconds, from the begin of five minutes on, and in the last day,
-- and what is held back. A span begins with the five minutes of the first cost in it. Always one row.
-- $1 organization, $2 visible connections.
-- returns: recent_s float8, recent_cycles_us float8, recent_plans_us float8, recent_sessions_us float8,
--   recent_watched_s float8, recent_looks float8, day_s float8, day_cycles_us float8, day_plans_us float8,
--   day_sessions_us float8, day_watched_s float8, day_looks float8, stage int, held_back_since timestamptz
WITH costs AS MATERIALIZED (
    SELECT bucket_at, look_cost_us - plan_cost_us AS cycles_us, plan_cost_us AS plans_us, 0 AS sessions_us,
           0 AS watched_ms, 0 AS looks
    FROM connection_coverage
    WHERE bucket_at >= now() - interval '1 day' AND database_connection_id = $3::bigint
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
    UNION ALL
    SELECT bucket_at, 0, 0, cost_us, watched_ms, look_count
    FROM session_waits
    WHERE bucket_at >= now() - interval '1 day' AND resolution_s = 300 AND database_connection_id = $3
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
), spans AS (
    SELECT span.name, coalesce(extract(epoch FROM now() - min(costs.bucket_at)), 0)::float8 AS span_s,
           coalesce(sum(costs.cycles_us), 0)::float8 AS cycles_us, coalesce(sum(costs.plans_us), 0)::float8 AS plans_us,
           coalesce(sum(costs.sessions_us), 0)::float8 AS sessions_us,
           coalesce(sum(costs.watched_ms) / 1000, 0)::float8 AS watched_s,
           coalesce(sum(costs.looks), 0)::float8 AS looks
    FROM (VALUES ('recent', date_bin(interval '5 minutes', now(), '2000-01-01 00:00:00+00')
                            - make_interval(secs => $4::int)),
                 ('day', now() - interval '1 day')) AS span (name, since)
    LEFT JOIN costs ON costs.bucket_at >= span.since
    GROUP BY span.name
)
SELECT recent.span_s AS recent_s, recent.cycles_us AS recent_cycles_us, recent.plans_us AS recent_plans_us,
       recent.sessions_us AS recent_sessions_us, recent.watched_s AS recent_watched_s, recent.looks AS recent_looks,
       day.span_s AS day_s, day.cycles_us AS day_cycles_us, day.plans_us AS day_plans_us,
       day.sessions_us AS day_sessions_us, day.watched_s AS day_watched_s, day.looks AS day_looks,
       coalesce(overhead.stage, 0)::int AS stage, overhead.held_back_since
FROM spans AS recent
JOIN spans AS day ON day.name = 'day'
LEFT JOIN connection_overhead AS overhead
  ON overhead.database_connection_id = $3
 AND overhead.organization_id = $1::bigint -- scope
 AND overhead.database_connection_id = ANY ($2::bigint[]) -- scope
WHERE recent.name = 'recent'
