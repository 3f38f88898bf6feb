-- The connections that are set aside; $1: this one alone, 0: all.
-- returns: organization_id bigint, database_connection_id bigint
SELECT organization_id, database_connection_id FROM rollup_set_aside
WHERE $1::bigint = 0 OR database_connection_id = $1
ORDER BY since, database_connection_id
