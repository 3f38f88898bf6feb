-- One row: collectors, monitored connections, lag, backlog, of all organizations: a door. $1: how far the backlog is counted.
SELECT daemons_online, daemons, agents_online, agents, daemon_seen_at, monitored, failed, lag_s, deltas
FROM health_numbers($1::int)
