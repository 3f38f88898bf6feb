-- As due as before.
UPDATE connection_collection SET lease_owner = NULL, lease_until = NULL
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND lease_owner = $3::text
