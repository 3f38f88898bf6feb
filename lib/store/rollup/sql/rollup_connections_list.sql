-- All connections whose segments are not set aside, deleted ones too.
-- returns: organization_id bigint, database_connection_id bigint
SELECT organization_id, id AS database_connection_id FROM database_connections AS connection
WHERE NOT EXISTS (SELECT FROM rollup_set_aside AS held
                  WHERE held.organization_id = connection.organization_id
                    AND held.database_connection_id = connection.id AND held.holds_segments)
ORDER BY organization_id, id
