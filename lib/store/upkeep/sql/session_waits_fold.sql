-- Makes the hours of session_waits of the last day that their five minutes have gone beyond, at most $1; an hour that
-- goes on as well, again and again.
WITH due AS MATERIALIZED (
    SELECT fine.organization_id, fine.database_connection_id, fine.hour_at
    FROM (SELECT organization_id, database_connection_id,
                 date_bin('1 hour', bucket_at, '2000-01-01 00:00:00+00') AS hour_at, sum(look_count) AS look_count
          FROM session_waits
          WHERE resolution_s = 300
            AND bucket_at >= date_bin('1 hour', now() - interval '1 day', '2000-01-01 00:00:00+00')
          GROUP BY 1, 2, 3) AS fine
    LEFT JOIN session_waits AS made
      ON made.organization_id = fine.organization_id AND made.database_connection_id = fine.database_connection_id
     AND made.bucket_at = fine.hour_at AND made.resolution_s = 3600
    WHERE fine.look_count <> coalesce(made.look_count, -1)
    ORDER BY fine.hour_at, fine.organization_id, fine.database_connection_id
    LIMIT $1::int
), fine AS MATERIALIZED (
    SELECT due.hour_at, waits.organization_id, waits.database_connection_id, waits.watched_ms, waits.look_count,
           waits.cost_us, waits.session_ms, waits.wait_classes, waits.wait_events, waits.wait_statements,
           waits.wait_users, waits.wait_hosts, waits.wait_applications, waits.wait_ms, waits.block_states,
           waits.block_roots, waits.block_users, waits.block_applications, waits.block_statements, waits.block_ms,
           waits.block_depths, waits.block_waiters
    FROM due
    JOIN session_waits AS waits
      ON waits.organization_id = due.organization_id AND waits.database_connection_id = due.database_connection_id
     AND waits.resolution_s = 300 AND waits.bucket_at >= due.hour_at
     AND waits.bucket_at < due.hour_at + interval '1 hour'
), sums AS (
    SELECT hour_at, organization_id, database_connection_id, sum(watched_ms)::bigint AS watched_ms,
           sum(look_count)::bigint AS look_count, sum(cost_us)::bigint AS cost_us,
           sum(session_ms)::bigint AS session_ms
    FROM fine GROUP BY 1, 2, 3
), waits AS (
    SELECT fine.hour_at, fine.organization_id, fine.database_connection_id, array_agg(seen.class) AS classes,
           array_agg(seen.event) AS events, array_agg(seen.statement) AS statements,
           array_agg(seen.username) AS users, array_agg(seen.host) AS hosts,
           array_agg(seen.application) AS applications, array_agg(seen.ms) AS times
    FROM fine
    CROSS JOIN LATERAL unnest(fine.wait_classes, fine.wait_events, fine.wait_statements, fine.wait_users,
                              fine.wait_hosts, fine.wait_applications, fine.wait_ms)
                       AS seen (class, event, statement, username, host, application, ms)
    GROUP BY 1, 2, 3
), blocks AS (
    SELECT fine.hour_at, fine.organization_id, fine.database_connection_id, array_agg(seen.state) AS states,
           array_agg(seen.root) AS roots, array_agg(seen.username) AS users,
           array_agg(seen.application) AS applications, array_agg(seen.statement) AS statements,
           array_agg(seen.ms) AS times, array_agg(seen.depth) AS depths, array_agg(seen.waiting) AS waiters
    FROM fine
    CROSS JOIN LATERAL unnest(fine.block_states, fine.block_roots, fine.block_users, fine.block_applications,
                              fine.block_statements, fine.block_ms, fine.block_depths, fine.block_waiters)
                       AS seen (state, root, username, application, statement, ms, depth, waiting)
    GROUP BY 1, 2, 3
)
INSERT INTO session_waits (
    organization_id, database_connection_id, resolution_s, bucket_at, watched_ms, look_count, cost_us, session_ms,
    wait_classes, wait_events, wait_statements, wait_users, wait_hosts, wait_applications, wait_ms,
    block_states, block_roots, block_users, block_applications, block_statements, block_ms, block_depths,
    block_waiters)
SELECT sums.organization_id, sums.database_connection_id, 3600, sums.hour_at, sums.watched_ms, sums.look_count,
       sums.cost_us, sums.session_ms,
       wait.wait_classes, wait.wait_events, wait.wait_statements, wait.wait_users, wait.wait_hosts,
       wait.wait_applications, wait.wait_ms,
       block.block_states, block.block_roots, block.block_users, block.block_applications, block.block_statements,
       block.block_ms, block.block_depths, block.block_waiters
FROM sums
LEFT JOIN waits ON waits.hour_at = sums.hour_at AND waits.organization_id = sums.organization_id
               AND waits.database_connection_id = sums.database_connection_id
LEFT JOIN blocks ON blocks.hour_at = sums.hour_at AND blocks.organization_id = sums.organization_id
                AND blocks.database_connection_id = sums.database_connection_id
CROSS JOIN LATERAL session_waits_top(100, waits.classes, waits.events, waits.statements, waits.users, waits.hosts,
                                     waits.applications, waits.times) AS wait
CROSS JOIN LATERAL session_blocks_top(50, blocks.states, blocks.roots, blocks.users, blocks.applications,
                                      blocks.statements, blocks.times, blocks.depths, blocks.waiters) AS block
ON CONFLICT (organization_id, database_connection_id, bucket_at, resolution_s) DO UPDATE
SET watched_ms = excluded.watched_ms, look_count = excluded.look_count, cost_us = excluded.cost_us,
    session_ms = excluded.session_ms, wait_classes = excluded.wait_classes, wait_events = excluded.wait_events,
    wait_statements = excluded.wait_statements, wait_users = excluded.wait_users, wait_hosts = excluded.wait_hosts,
    wait_applications = excluded.wait_applications, wait_ms = excluded.wait_ms, block_states = excluded.block_states,
    block_roots = excluded.block_roots, block_users = excluded.block_users,
    block_applications = excluded.block_applications, block_statements = excluded.block_statements,
    block_ms = excluded.block_ms, block_depths = excluded.block_depths, block_waiters = excluded.block_waiters
