-- A row for each connection that has none.
INSERT INTO connection_collection (organization_id, database_connection_id)
SELECT connection.organization_id, connection.id
FROM database_connections AS connection
WHERE connection.is_active AND connection.monitoring_enabled AND NOT connection.is_legacy
  AND connection.host IS NOT NULL
  AND NOT EXISTS (SELECT FROM connection_collection AS collection
                  WHERE collection.organization_id = connection.organization_id
                    AND collection.database_connection_id = connection.id)
ON CONFLICT (organization_id, database_connection_id) DO NOTHING
