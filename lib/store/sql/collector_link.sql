-- An agent serves a connection.
INSERT INTO collector_databases (organization_id, collector_id, database_connection_id)
VALUES ($1::bigint, $2::bigint, $3::bigint)
ON CONFLICT (organization_id, collector_id, database_connection_id) DO NOTHING
