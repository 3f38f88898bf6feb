-- Deletes at most $3 plans of connection $2: their conditions hold literals.
DELETE FROM query_plans
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_plans
                         WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint LIMIT $3::int))
