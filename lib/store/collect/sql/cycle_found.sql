-- Adds the new samples to what the cycle found.
UPDATE connection_collection SET last_found = last_found + $3::bigint, total_found = total_found + $3
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
