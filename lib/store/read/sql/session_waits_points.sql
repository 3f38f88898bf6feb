-- Time of sessions by what $7 says (wait_class, wait, statement, user, host, application) and by steps of $8 seconds
-- from $4 on. The $9 largest groups by themselves; the others, and what has lost its name, together in the last place.
-- $1 organization, $2 chosen connections, $3 width of the buckets, $4 to $5 period. $6: of one statement; zeros: all.
-- Only the arrays that $7 and $6 need are taken apart: an array that is NULL costs nothing.
-- returns: place int, step_at timestamptz, wait_class int, event text, sql_hash uuid, name text, fingerprint text,
--   session_ms float8
WITH bucket AS MATERIALIZED (
    SELECT date_bin(make_interval(secs => $8::int), waits.bucket_at, $4::timestamptz) AS step_at,
           CASE WHEN $7::text IN ('wait_class', 'wait') THEN waits.wait_classes END AS classes,
           CASE WHEN $7 = 'wait' THEN waits.wait_events END AS events,
           CASE WHEN $7 = 'statement' OR $6::uuid <> '00000000-0000-0000-0000-000000000000'
                THEN waits.wait_statements END AS statements,
           CASE $7 WHEN 'user' THEN waits.wait_users WHEN 'host' THEN waits.wait_hosts
                   WHEN 'application' THEN waits.wait_applications END AS names,
           CASE WHEN $7 = 'statement' THEN waits.wait_users END AS users,
           waits.wait_ms AS times
    FROM session_waits AS waits
    WHERE waits.bucket_at >= $4 AND waits.bucket_at < $5::timestamptz
      AND waits.organization_id = $1::bigint -- scope
      AND waits.database_connection_id = ANY ($2::bigint[]) -- scope
      AND waits.resolution_s = $3::int
      AND ($6 = '00000000-0000-0000-0000-000000000000' OR $6 = ANY (waits.wait_statements))
), entry AS (
    SELECT bucket.step_at, seen.class, seen.event, CASE WHEN $7 = 'statement' THEN seen.statement END AS statement,
           seen.name,
           CASE $7 WHEN 'wait_class' THEN false WHEN 'wait' THEN seen.event IS NULL
                   WHEN 'statement' THEN seen.username IS NULL ELSE seen.name IS NULL END AS is_rest, seen.ms
    FROM bucket
    CROSS JOIN LATERAL unnest(bucket.classes, bucket.events, bucket.statements, bucket.names, bucket.users,
                              bucket.times) AS seen (class, event, statement, name, username, ms)
    WHERE $6 = '00000000-0000-0000-0000-000000000000' OR seen.statement = $6
), grouped AS MATERIALIZED (
    SELECT step_at, class, event, statement, name, is_rest, sum(ms) AS ms,
           concat_ws('|', class, statement, event, name) AS key
    FROM entry
    GROUP BY 1, 2, 3, 4, 5, 6
), ranked AS MATERIALIZED (
    SELECT key, is_rest, row_number() OVER (ORDER BY is_rest, sum(ms) DESC, key) AS place
    FROM grouped GROUP BY key, is_rest
), placed AS (
    SELECT CASE WHEN ranked.is_rest OR ranked.place > $9::int THEN $9 + 1 ELSE ranked.place END::int AS place,
           grouped.step_at, grouped.class, grouped.event, grouped.statement, grouped.name, grouped.ms
    FROM grouped
    JOIN ranked ON ranked.key = grouped.key AND ranked.is_rest = grouped.is_rest
), summed AS (
    SELECT place, step_at,
           CASE WHEN place <= $9 THEN class END AS class, CASE WHEN place <= $9 THEN event END AS event,
           CASE WHEN place <= $9 THEN statement END AS statement, CASE WHEN place <= $9 THEN name END AS name,
           sum(ms)::float8 AS session_ms
    FROM placed
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT summed.place, summed.step_at, summed.class::int AS wait_class, summed.event, summed.statement AS sql_hash,
       summed.name, left(query.fingerprint, 2000) AS fingerprint, summed.session_ms
FROM summed
LEFT JOIN query_fingerprints AS query
  ON query.sql_hash = summed.statement
 AND query.organization_id = $1 -- scope
ORDER BY summed.place, summed.step_at
