-- One row about all organizations: collectors, monitored connections, lag, backlog, and the age of the oldest fact that
-- is not rolled up. Calls privileged functions. $1: the backlog is counted up to this number.
-- returns: daemons_online bigint, daemons bigint, agents_online bigint, agents bigint, daemon_seen_at timestamptz,
--   monitored bigint, failed bigint, lag_s float8, deltas bigint, set_aside bigint, held_back bigint,
--   rollup_lag_s float8, llm_status text, llm_kind text, llm_model text, llm_has_model boolean,
--   llm_checked_at timestamptz, llm_problem text
SELECT daemons_online, daemons, agents_online, agents, daemon_seen_at, monitored, failed, lag_s, deltas,
       set_aside, held_back, rollup_lag_s() AS rollup_lag_s, llm.status AS llm_status, llm.kind AS llm_kind,
       llm.model AS llm_model, llm.has_model AS llm_has_model, llm.checked_at AS llm_checked_at,
       llm.problem AS llm_problem
FROM health_numbers($1::int) LEFT JOIN llm_told() AS llm ON true
