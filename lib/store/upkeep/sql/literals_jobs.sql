-- Deletes at most $3 ended jobs of connection $2 whose payload or result may hold a statement.
DELETE FROM jobs
WHERE ctid = ANY (ARRAY (SELECT ctid FROM jobs
                         WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
                           AND state IN ('done', 'failed') AND kind NOT IN ('collect', 'connection_test')
                         LIMIT $3::int))
