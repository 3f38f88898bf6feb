-- Adds what was seen in a part of a stretch to the bucket $3: $4 milliseconds, $5 looks that cost $6 microseconds.
-- $7 to $14: time of sessions by class, event, statement, user, host and application. $15 to $24: time that sessions
-- waited for locks, by the session at the root of the chain. A statement has a hash, zeros if it is unknown, and the
-- counters' key, NULL if there is none; the fingerprint that the counters have for the key goes before the hash. Theirs
-- are zeros for a statement of Potto's own, and ones where it is not known yet.
WITH known_keys AS MATERIALIZED (
    SELECT counter_key, sql_hash
    FROM counter_baselines
    WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
      AND counter_key = ANY ($10::text[] || $17::text[] || $21::text[])
      AND sql_hash NOT IN ('00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff')
), wait AS (
    SELECT seen.class::smallint AS class, seen.event,
           coalesce(known.sql_hash, nullif(seen.hash, '00000000-0000-0000-0000-000000000000')) AS statement,
           seen.username, seen.host, seen.application, seen.ms
    FROM unnest($7::bigint[], $8::text[], $9::uuid[], $10, $11::text[], $12::text[], $13::text[], $14::bigint[])
         AS seen (class, event, hash, counter_key, username, host, application, ms)
    LEFT JOIN known_keys AS known ON known.counter_key = seen.counter_key
), block AS (
    SELECT seen.state::smallint AS state,
           coalesce(known_root.sql_hash, nullif(seen.root, '00000000-0000-0000-0000-000000000000')) AS root,
           seen.username, seen.application,
           coalesce(known.sql_hash, nullif(seen.hash, '00000000-0000-0000-0000-000000000000')) AS statement,
           seen.ms, seen.depth, seen.waiting
    FROM unnest($15::bigint[], $16::uuid[], $17, $18::text[], $19::text[], $20::uuid[], $21, $22::bigint[],
                $23::bigint[], $24::bigint[])
         AS seen (state, root, root_key, username, application, hash, counter_key, ms, depth, waiting)
    LEFT JOIN known_keys AS known_root ON known_root.counter_key = seen.root_key
    LEFT JOIN known_keys AS known ON known.counter_key = seen.counter_key
), waits AS (
    SELECT top.wait_classes, top.wait_events, top.wait_statements, top.wait_users, top.wait_hosts,
           top.wait_applications, top.wait_ms
    FROM (SELECT array_agg(class) AS classes, array_agg(event) AS events, array_agg(statement) AS statements,
                 array_agg(username) AS users, array_agg(host) AS hosts, array_agg(application) AS applications,
                 array_agg(ms) AS times FROM wait) AS seen
    CROSS JOIN LATERAL session_waits_top(100, seen.classes, seen.events, seen.statements, seen.users, seen.hosts,
                                         seen.applications, seen.times) AS top
), blocks AS (
    SELECT top.block_states, top.block_roots, top.block_users, top.block_applications, top.block_statements,
           top.block_ms, top.block_depths, top.block_waiters
    FROM (SELECT array_agg(state) AS states, array_agg(root) AS roots, array_agg(username) AS users,
                 array_agg(application) AS applications, array_agg(statement) AS statements, array_agg(ms) AS times,
                 array_agg(depth) AS depths, array_agg(waiting) AS waiters FROM block) AS seen
    CROSS JOIN LATERAL session_blocks_top(50, seen.states, seen.roots, seen.users, seen.applications, seen.statements,
                                          seen.times, seen.depths, seen.waiters) AS top
)
INSERT INTO session_waits AS known (
    organization_id, database_connection_id, resolution_s, bucket_at, watched_ms, look_count, cost_us, session_ms,
    wait_classes, wait_events, wait_statements, wait_users, wait_hosts, wait_applications, wait_ms,
    block_states, block_roots, block_users, block_applications, block_statements, block_ms, block_depths,
    block_waiters)
SELECT $1, $2, 300, $3::timestamptz, $4::bigint, $5::bigint, $6::bigint,
       coalesce((SELECT sum(ms) FROM wait), 0)::bigint,
       waits.wait_classes, waits.wait_events, waits.wait_statements, waits.wait_users, waits.wait_hosts,
       waits.wait_applications, waits.wait_ms,
       blocks.block_states, blocks.block_roots, blocks.block_users, blocks.block_applications,
       blocks.block_statements, blocks.block_ms, blocks.block_depths, blocks.block_waiters
FROM waits CROSS JOIN blocks
ON CONFLICT (organization_id, database_connection_id, bucket_at, resolution_s) DO UPDATE
SET watched_ms = known.watched_ms + excluded.watched_ms, look_count = known.look_count + excluded.look_count,
    cost_us = known.cost_us + excluded.cost_us, session_ms = known.session_ms + excluded.session_ms,
    (wait_classes, wait_events, wait_statements, wait_users, wait_hosts, wait_applications, wait_ms) =
        (SELECT top.wait_classes, top.wait_events, top.wait_statements, top.wait_users, top.wait_hosts,
                top.wait_applications, top.wait_ms
         FROM session_waits_top(100, known.wait_classes || excluded.wait_classes,
                                known.wait_events || excluded.wait_events,
                                known.wait_statements || excluded.wait_statements,
                                known.wait_users || excluded.wait_users, known.wait_hosts || excluded.wait_hosts,
                                known.wait_applications || excluded.wait_applications,
                                known.wait_ms || excluded.wait_ms) AS top),
    (block_states, block_roots, block_users, block_applications, block_statements, block_ms, block_depths,
     block_waiters) =
        (SELECT top.block_states, top.block_roots, top.block_users, top.block_applications, top.block_statements,
                top.block_ms, top.block_depths, top.block_waiters
         FROM session_blocks_top(50, known.block_states || excluded.block_states,
                                 known.block_roots || excluded.block_roots, known.block_users || excluded.block_users,
                                 known.block_applications || excluded.block_applications,
                                 known.block_statements || excluded.block_statements,
                                 known.block_ms || excluded.block_ms, known.block_depths || excluded.block_depths,
                                 known.block_waiters || excluded.block_waiters) AS top)
