-- Moves what was seen of statement `before` on a connection to statement `after`: samples, plans, connections and
-- times. $1 organizations, $2 connections, $3 before, $4 after: one move for each index of the arrays.
WITH move AS (
    SELECT organization_id, database_connection_id, before, after
    FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::uuid[])
         AS move (organization_id, database_connection_id, before, after)
), samples AS (
    UPDATE slow_queries_raw AS sample SET sql_hash = move.after
    FROM move
    WHERE sample.organization_id = move.organization_id AND sample.sql_hash = move.before
      AND sample.database_connection_id = move.database_connection_id AND sample.provenance = 4
), plans_gone AS (
    DELETE FROM query_plans AS plan USING move
    WHERE plan.organization_id = move.organization_id AND plan.sql_hash = move.before
      AND plan.database_connection_id = move.database_connection_id
    RETURNING plan.organization_id, plan.database_connection_id, move.after, plan.plan_hash, plan.plan, plan.provenance,
              plan.first_seen_at, plan.last_seen_at
), plans AS (
    INSERT INTO query_plans AS known (organization_id, database_connection_id, sql_hash, plan_hash, plan, provenance,
                                      first_seen_at, last_seen_at)
    SELECT DISTINCT ON (organization_id, database_connection_id, after, plan_hash)
           organization_id, database_connection_id, after, plan_hash, plan, provenance,
           min(first_seen_at) OVER same, max(last_seen_at) OVER same
    FROM plans_gone
    WINDOW same AS (PARTITION BY organization_id, database_connection_id, after, plan_hash)
    ON CONFLICT (organization_id, sql_hash, database_connection_id, plan_hash) DO UPDATE
    SET first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
        last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
), seen_gone AS (
    DELETE FROM query_fingerprint_connections AS seen USING move
    WHERE seen.organization_id = move.organization_id AND seen.sql_hash = move.before
      AND seen.database_connection_id = move.database_connection_id
    RETURNING seen.organization_id, seen.database_connection_id, move.after, seen.first_seen_at, seen.last_seen_at
)
INSERT INTO query_fingerprint_connections AS known (organization_id, database_connection_id, sql_hash, first_seen_at,
                                                    last_seen_at)
SELECT organization_id, database_connection_id, after, min(first_seen_at), max(last_seen_at)
FROM seen_gone
GROUP BY organization_id, database_connection_id, after
ON CONFLICT (organization_id, sql_hash, database_connection_id) DO UPDATE
SET first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
