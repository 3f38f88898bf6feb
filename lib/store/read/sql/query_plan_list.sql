-- Plans of a fingerprint, last seen first. $1 organization, $2 chosen connections, $3 hash, $4 one plan, or NULL: all,
-- $5 limit.
-- returns: plan_hash uuid, database_connection_id bigint, first_seen_at timestamptz, last_seen_at timestamptz,
--   plan jsonb, provenance text, total_cost float8
SELECT plan_hash, database_connection_id, first_seen_at, last_seen_at, plan, provenance, total_cost
FROM query_plans
WHERE sql_hash = $3::uuid AND ($4::uuid IS NULL OR plan_hash = $4::uuid)
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ($2::bigint[]) -- scope
ORDER BY last_seen_at DESC, plan_hash
LIMIT $5::int
