-- Plans made by EXPLAIN. total_cost < 0: the engine gives none. A plan that the server logged has what was measured,
-- and stays.
INSERT INTO query_plans AS known (organization_id, database_connection_id, sql_hash, plan_hash, plan, provenance,
                                  total_cost)
SELECT $1::bigint, $2::bigint, sql_hash, plan_hash, plan::jsonb, provenance, nullif(greatest(total_cost, -1), -1)
FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::float8[])
     AS made (sql_hash, plan_hash, plan, provenance, total_cost)
ON CONFLICT (organization_id, sql_hash, database_connection_id, plan_hash) DO UPDATE
SET last_seen_at = now(), total_cost = excluded.total_cost,
    plan = CASE known.provenance WHEN 'log' THEN known.plan ELSE excluded.plan END,
    provenance = CASE known.provenance WHEN 'log' THEN 'log' ELSE excluded.provenance END
