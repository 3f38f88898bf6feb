-- How much of the time of statements was attributed, by steps of $5 seconds from $3 on. What was measured on another
-- basis than the newest one is left out, since the two cannot be added; what looks cost is of all.
-- $1 organization, $2 chosen connections, $3 to $4 period.
-- returns: step_at timestamptz, basis text, covered_us bigint, first_looks bigint, server_ms float8,
--   attributed_ms float8, server_calls bigint, attributed_calls bigint, running_ms float8, own_ms float8,
--   evicted_ms float8, no_right_ms float8, text_missing_ms float8, beyond_bound_ms float8, not_counted_ms float8,
--   reset_ms float8, evictions bigint, looks bigint, look_cost_us bigint, session_cost_us bigint, looked_s bigint
WITH coverage AS MATERIALIZED (
    SELECT bucket_at, basis, covered_us, first_looks, server_ms, attributed_ms, server_calls,
           attributed_calls, running_ms, own_ms, evicted_ms, no_right_ms, text_missing_ms, beyond_bound_ms,
           not_counted_ms, reset_ms, evictions, looks, look_cost_us
    FROM connection_coverage
    WHERE bucket_at >= $3::timestamptz AND bucket_at < $4::timestamptz
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
), newest AS (
    SELECT coalesce((SELECT basis FROM coverage WHERE basis <> 'unknown' ORDER BY bucket_at DESC LIMIT 1), 'unknown')
           AS basis
), looks AS (
    SELECT date_bin(make_interval(secs => $5::int), bucket_at, $3) AS step_at, sum(cost_us)::bigint AS cost_us
    FROM session_waits
    WHERE bucket_at >= $3 AND bucket_at < $4 AND resolution_s = 300
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
    GROUP BY 1
)
SELECT step.step_at, step.basis, step.covered_us, step.first_looks, step.server_ms, step.attributed_ms,
       step.server_calls, step.attributed_calls, step.running_ms, step.own_ms, step.evicted_ms,
       step.no_right_ms, step.text_missing_ms, step.beyond_bound_ms, step.not_counted_ms, step.reset_ms, step.evictions,
       step.looks, step.look_cost_us, coalesce(looks.cost_us, 0) AS session_cost_us, step.looked_s
FROM (SELECT date_bin(make_interval(secs => $5), coverage.bucket_at, $3) AS step_at,
             CASE WHEN bool_or(is_of.basis) THEN max(newest.basis) ELSE 'unknown' END AS basis,
             coalesce(sum(covered_us) FILTER (WHERE is_of.basis), 0)::bigint AS covered_us,
             sum(first_looks)::bigint AS first_looks,
             coalesce(sum(server_ms) FILTER (WHERE is_of.basis), 0) AS server_ms,
             coalesce(sum(attributed_ms) FILTER (WHERE is_of.basis), 0) AS attributed_ms,
             coalesce(sum(server_calls) FILTER (WHERE is_of.basis), 0)::bigint AS server_calls,
             coalesce(sum(attributed_calls) FILTER (WHERE is_of.basis), 0)::bigint AS attributed_calls,
             coalesce(sum(running_ms) FILTER (WHERE is_of.basis), 0) AS running_ms,
             coalesce(sum(own_ms) FILTER (WHERE is_of.basis), 0) AS own_ms,
             coalesce(sum(evicted_ms) FILTER (WHERE is_of.basis), 0) AS evicted_ms,
             coalesce(sum(no_right_ms) FILTER (WHERE is_of.basis), 0) AS no_right_ms,
             coalesce(sum(text_missing_ms) FILTER (WHERE is_of.basis), 0) AS text_missing_ms,
             coalesce(sum(beyond_bound_ms) FILTER (WHERE is_of.basis), 0) AS beyond_bound_ms,
             coalesce(sum(not_counted_ms) FILTER (WHERE is_of.basis), 0) AS not_counted_ms,
             coalesce(sum(reset_ms) FILTER (WHERE is_of.basis), 0) AS reset_ms,
             sum(evictions)::bigint AS evictions, sum(looks)::bigint AS looks,
             sum(look_cost_us)::bigint AS look_cost_us,
             extract(epoch FROM sum(least(now(), coverage.bucket_at + interval '5 minutes')
                                    - coverage.bucket_at))::bigint AS looked_s
      FROM coverage
      CROSS JOIN newest
      CROSS JOIN LATERAL (SELECT coverage.basis = newest.basis AND newest.basis <> 'unknown' AS basis) AS is_of
      GROUP BY 1) AS step
LEFT JOIN looks USING (step_at)
ORDER BY 1
