-- Another server's counters are not growth of the last one's. $1 organization, $2 connection.
DELETE FROM counter_baselines
WHERE database_connection_id = $2::bigint
  AND organization_id = $1::bigint -- scope
