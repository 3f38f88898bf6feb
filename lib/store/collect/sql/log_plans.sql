-- Plans that the server logged have what was measured, so they take the place of those that EXPLAIN made.
UPDATE query_plans AS known
SET plan = told.plan::jsonb, provenance = 'log', last_seen_at = now()
FROM unnest($3::uuid[], $4::uuid[], $5::text[]) AS told (sql_hash, plan_hash, plan)
WHERE known.organization_id = $1::bigint AND known.database_connection_id = $2::bigint
  AND known.sql_hash = told.sql_hash AND known.plan_hash = told.plan_hash AND known.provenance <> 'log'
