-- Time of sessions, added up by what they waited for (the arrays of session_waits): the `most` largest combinations as
-- they are; the others by class and event, of which the `most` largest keep the event. Added up again with others the
-- result is the same but for what has no name any more.
CREATE OR REPLACE FUNCTION session_waits_top(most int, classes smallint[], events text[], statements uuid[],
                                             users text[], hosts text[], applications text[], times bigint[],
                                             OUT wait_classes smallint[], OUT wait_events text[],
                                             OUT wait_statements uuid[], OUT wait_users text[], OUT wait_hosts text[],
                                             OUT wait_applications text[], OUT wait_ms bigint[])
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH ranked AS MATERIALIZED (
        SELECT class, event, statement, username, host, application, sum(ms)::bigint AS ms,
               row_number() OVER (ORDER BY sum(ms) DESC, class, event, statement, username, host, application) AS place
        FROM unnest(classes, events, statements, users, hosts, applications, times)
             AS seen (class, event, statement, username, host, application, ms)
        GROUP BY class, event, statement, username, host, application
    ), rest AS (
        SELECT class, event, sum(ms)::bigint AS ms, row_number() OVER (ORDER BY sum(ms) DESC, class, event) AS place
        FROM ranked WHERE place > most GROUP BY class, event
    ), kept AS (
        SELECT class, event, statement, username, host, application, ms FROM ranked WHERE place <= most
        UNION ALL
        SELECT class, CASE WHEN place <= most THEN event END, NULL, NULL, NULL, NULL, sum(ms)::bigint
        FROM rest GROUP BY class, CASE WHEN place <= most THEN event END
    )
    SELECT coalesce(array_agg(class ORDER BY place), '{}'), coalesce(array_agg(event ORDER BY place), '{}'),
           coalesce(array_agg(statement ORDER BY place), '{}'), coalesce(array_agg(username ORDER BY place), '{}'),
           coalesce(array_agg(host ORDER BY place), '{}'), coalesce(array_agg(application ORDER BY place), '{}'),
           coalesce(array_agg(ms ORDER BY place), '{}')
    FROM (SELECT class, event, statement, username, host, application, ms,
                 row_number() OVER (ORDER BY ms DESC, class, event, statement, username, host, application) AS place
          FROM kept) AS placed
$$;
