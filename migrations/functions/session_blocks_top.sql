-- The same as session_waits_top() of the time that sessions waited for locks of others, by the session at the root: the
-- `most` largest combinations as they are, the others by the root's state.
CREATE OR REPLACE FUNCTION session_blocks_top(most int, states smallint[], roots uuid[], users text[],
                                              applications text[], statements uuid[], times bigint[], depths bigint[],
                                              waiters bigint[],
                                              OUT block_states smallint[], OUT block_roots uuid[],
                                              OUT block_users text[], OUT block_applications text[],
                                              OUT block_statements uuid[], OUT block_ms bigint[],
                                              OUT block_depths bigint[], OUT block_waiters bigint[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH ranked AS MATERIALIZED (
        SELECT state, root, username, application, statement, sum(ms)::bigint AS ms, max(depth) AS depth,
               max(waiting) AS waiting,
               row_number() OVER (ORDER BY sum(ms) DESC, state, root, username, application, statement) AS place
        FROM unnest(states, roots, users, applications, statements, times, depths, waiters)
             AS seen (state, root, username, application, statement, ms, depth, waiting)
        GROUP BY state, root, username, application, statement
    ), kept AS (
        SELECT state, root, username, application, statement, ms, depth, waiting, place FROM ranked
        WHERE place <= most
        UNION ALL
        SELECT state, NULL, NULL, NULL, NULL, sum(ms)::bigint, max(depth), max(waiting), most + state
        FROM ranked WHERE place > most GROUP BY state
    )
    SELECT coalesce(array_agg(state ORDER BY place), '{}'), coalesce(array_agg(root ORDER BY place), '{}'),
           coalesce(array_agg(username ORDER BY place), '{}'), coalesce(array_agg(application ORDER BY place), '{}'),
           coalesce(array_agg(statement ORDER BY place), '{}'), coalesce(array_agg(ms ORDER BY place), '{}'),
           coalesce(array_agg(depth ORDER BY place), '{}'), coalesce(array_agg(waiting ORDER BY place), '{}')
    FROM kept
$$;
