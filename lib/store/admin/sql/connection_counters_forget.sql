-- Delete the counter baselines of a connection that points to another server now. $1 organization, $2 connection.
DELETE FROM counter_baselines
WHERE database_connection_id = $2::bigint
  AND organization_id = $1::bigint -- scope
