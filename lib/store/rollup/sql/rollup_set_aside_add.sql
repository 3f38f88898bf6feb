-- Sets connection $2 of organization $1 aside, because of $3; $4: its segments too.
INSERT INTO rollup_set_aside AS known (organization_id, database_connection_id, reason, holds_segments)
SELECT organization_id, id, $3::text, $4::bool
FROM database_connections WHERE organization_id = $1::bigint AND id = $2::bigint
ON CONFLICT (organization_id, database_connection_id) DO UPDATE
SET reason = excluded.reason, holds_segments = known.holds_segments OR excluded.holds_segments
