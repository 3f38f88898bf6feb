-- The connections that have deltas to be folded.
-- returns: organization_id bigint, database_connection_id bigint
SELECT DISTINCT organization_id, database_connection_id FROM rollup_deltas
ORDER BY organization_id, database_connection_id
