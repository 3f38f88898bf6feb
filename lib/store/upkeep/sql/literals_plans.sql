-- Plans hold literals in their conditions. At most $3.
DELETE FROM query_plans
WHERE ctid = ANY (ARRAY (SELECT ctid FROM query_plans
                         WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint LIMIT $3::int))
