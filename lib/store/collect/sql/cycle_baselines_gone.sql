-- Entries that the server has evicted.
DELETE FROM counter_baselines
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND counter_key = ANY ($3::text[])
