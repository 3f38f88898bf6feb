-- Fingerprints that need no plan now.
-- returns: sql_hash uuid
SELECT DISTINCT sql_hash FROM query_plans
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
  AND last_seen_at > now() - make_interval(secs => $3::int)
LIMIT 20000
