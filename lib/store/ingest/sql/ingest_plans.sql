-- Plans that came with samples. A plan known already is only seen again, at most once a minute.
-- returns: is_new boolean
INSERT INTO query_plans AS known (organization_id, database_connection_id, sql_hash, plan_hash, plan, provenance)
SELECT $1::bigint, $2::bigint, sql_hash, plan_hash, plan::jsonb, $3::text
FROM unnest($4::uuid[], $5::uuid[], $6::text[]) AS sent (sql_hash, plan_hash, plan)
ON CONFLICT (organization_id, sql_hash, database_connection_id, plan_hash) DO UPDATE
SET last_seen_at = now()
WHERE known.last_seen_at < now() - interval '1 minute'
RETURNING known.first_seen_at = now() AS is_new
