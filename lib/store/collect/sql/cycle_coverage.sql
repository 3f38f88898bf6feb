-- Adds the coverage of one look, and what it cost ($11, in microseconds; of them $13 its plans), to its five minutes.
-- $10: the causes of lib/facts/coverage.h in their order. What was measured on another basis cannot be added to it, and
-- is replaced.
INSERT INTO connection_coverage AS known (
    organization_id, database_connection_id, bucket_at, basis, covered_us, first_looks, server_ms, attributed_ms,
    server_calls, attributed_calls, running_ms, own_ms, evicted_ms, no_right_ms, text_missing_ms, beyond_bound_ms,
    not_counted_ms, reset_ms, evictions, looks, look_cost_us, plan_cost_us)
SELECT $1::bigint, $2::bigint, date_bin(interval '5 minutes', now(), '2000-01-01 00:00:00+00'), $3::text, $4::bigint,
       $5::bigint, $6::float8, $7::float8, $8::bigint, $9::bigint, gaps[1], gaps[2], gaps[3], gaps[4], gaps[5], gaps[6],
       gaps[7], gaps[8], $12::bigint, 1, $11::bigint, $13::bigint
FROM (SELECT $10::float8[] AS gaps) AS given
ON CONFLICT (organization_id, database_connection_id, bucket_at) DO UPDATE
SET (basis, covered_us, server_ms, attributed_ms, server_calls, attributed_calls, running_ms, own_ms, evicted_ms,
     no_right_ms, text_missing_ms, beyond_bound_ms, not_counted_ms, reset_ms) = (
        SELECT CASE WHEN excluded.basis = 'unknown' THEN known.basis ELSE excluded.basis END,
               keeps * known.covered_us + excluded.covered_us, keeps * known.server_ms + excluded.server_ms,
               keeps * known.attributed_ms + excluded.attributed_ms,
               keeps * known.server_calls + excluded.server_calls,
               keeps * known.attributed_calls + excluded.attributed_calls,
               keeps * known.running_ms + excluded.running_ms, keeps * known.own_ms + excluded.own_ms,
               keeps * known.evicted_ms + excluded.evicted_ms, keeps * known.no_right_ms + excluded.no_right_ms,
               keeps * known.text_missing_ms + excluded.text_missing_ms,
               keeps * known.beyond_bound_ms + excluded.beyond_bound_ms,
               keeps * known.not_counted_ms + excluded.not_counted_ms, keeps * known.reset_ms + excluded.reset_ms
        FROM (SELECT CASE WHEN excluded.basis IN ('unknown', known.basis) THEN 1 ELSE 0 END AS keeps) AS choice),
    first_looks = known.first_looks + excluded.first_looks, evictions = known.evictions + excluded.evictions,
    looks = known.looks + 1, look_cost_us = known.look_cost_us + excluded.look_cost_us,
    plan_cost_us = known.plan_cost_us + excluded.plan_cost_us
