-- The newest change of plan of each of some fingerprints, as far as there was one: a plan that came after another one,
-- made in the same way, on the same connection. Where plans that came before it were seen again more than $4 seconds
-- after it had come, the statement changes back and forth, and the last change is known to be no earlier than the time
-- when the second last of its plans was seen. $1 organization, $2 chosen connections, $3 hashes.
-- returns: sql_hash uuid, database_connection_id bigint, plan_count bigint, first_changed_at timestamptz,
--   last_changed_at timestamptz, is_back_and_forth boolean
WITH plans AS (
    SELECT sql_hash, database_connection_id, provenance, first_seen_at, last_seen_at,
           row_number() OVER (made ORDER BY last_seen_at DESC, first_seen_at DESC, plan_hash) AS seen_place,
           min(first_seen_at) OVER made AS oldest_at, max(first_seen_at) OVER made AS newest_at
    FROM query_plans
    WHERE sql_hash = ANY ($3::uuid[])
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
    WINDOW made AS (PARTITION BY sql_hash, database_connection_id, provenance)
), changes AS (
    SELECT sql_hash, database_connection_id, count(*) AS plan_count,
           min(first_seen_at) FILTER (WHERE first_seen_at > oldest_at) AS first_changed_at, max(newest_at) AS newest_at,
           max(last_seen_at) FILTER (WHERE first_seen_at < newest_at)
               > max(newest_at) + make_interval(secs => $4::int) AS is_back_and_forth,
           max(last_seen_at) FILTER (WHERE seen_place = 2) AS second_seen_at
    FROM plans
    GROUP BY sql_hash, database_connection_id, provenance
    HAVING count(*) > 1 AND max(newest_at) > min(oldest_at)
), dated AS (
    SELECT sql_hash, database_connection_id, plan_count, first_changed_at, is_back_and_forth,
           CASE WHEN is_back_and_forth THEN greatest(second_seen_at, newest_at) ELSE newest_at END AS last_changed_at
    FROM changes
)
SELECT DISTINCT ON (sql_hash) sql_hash, database_connection_id, plan_count, first_changed_at, last_changed_at,
       is_back_and_forth
FROM dated
ORDER BY sql_hash, last_changed_at DESC, database_connection_id
