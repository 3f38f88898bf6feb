-- One row about all organizations: collectors, monitored connections, lag, backlog, and the age of the oldest fact that
-- is not rolled up. Calls privileged functions. $1: the backlog is counted up to this number.
-- returns: daemons_online bigint, daemons bigint, agents_online bigint, agents bigint, daemon_seen_at timestamptz,
--   monitored bigint, failed bigint, lag_s float8, deltas bigint, set_aside bigint, held_back bigint,
--   rollup_lag_s float8
SELECT daemons_online, daemons, agents_online, agents, daemon_seen_at, monitored, failed, lag_s, deltas,
       set_aside, held_back, rollup_lag_s() AS rollup_lag_s
FROM health_numbers($1::int)
