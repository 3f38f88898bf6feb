-- Time of sessions by what $7 says (wait_class, wait, statement, user, host, application) and by steps of $8 seconds
-- from $4 on. The $9 largest groups by themselves; the others, and what has lost its name, together in the last place.
-- $1 organization, $2 chosen connections, $3 width of the buckets, $4 to $5 period. $6: of one statement; zeros: all.
-- returns: place int, step_at timestamptz, wait_class int, event text, sql_hash uuid, name text, fingerprint text,
--   session_ms float8
WITH bucket AS MATERIALIZED (
    SELECT waits.bucket_at, waits.wait_classes, waits.wait_events, waits.wait_statements, waits.wait_users,
           waits.wait_hosts, waits.wait_applications, waits.wait_ms
    FROM session_waits AS waits
    WHERE waits.bucket_at >= $4::timestamptz AND waits.bucket_at < $5::timestamptz
      AND waits.organization_id = $1::bigint -- scope
      AND waits.database_connection_id = ANY ($2::bigint[]) -- scope
      AND waits.resolution_s = $3::int
      AND ($6::uuid = '00000000-0000-0000-0000-000000000000' OR $6 = ANY (waits.wait_statements))
), entry AS MATERIALIZED (
    SELECT date_bin(make_interval(secs => $8::int), bucket.bucket_at, $4) AS step_at,
           CASE WHEN $7::text IN ('wait_class', 'wait') THEN seen.class END AS class,
           CASE WHEN $7 = 'wait' THEN seen.event END AS event,
           CASE WHEN $7 = 'statement' THEN seen.statement END AS statement,
           CASE $7 WHEN 'user' THEN seen.username WHEN 'host' THEN seen.host WHEN 'application' THEN seen.application
                   END AS name,
           CASE $7 WHEN 'wait_class' THEN false WHEN 'wait' THEN seen.event IS NULL ELSE seen.username IS NULL END
           AS is_rest, seen.ms
    FROM bucket
    CROSS JOIN LATERAL unnest(bucket.wait_classes, bucket.wait_events, bucket.wait_statements, bucket.wait_users,
                              bucket.wait_hosts, bucket.wait_applications, bucket.wait_ms)
                       AS seen (class, event, statement, username, host, application, ms)
    WHERE $6::uuid = '00000000-0000-0000-0000-000000000000' OR seen.statement = $6
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
