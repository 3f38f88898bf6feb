-- Notes that nodes have reported.
INSERT INTO mongodb_nodes (organization_id, database_connection_id, node_id)
SELECT $1::bigint, $2::bigint, node_id FROM unnest($3::text[]) AS seen (node_id)
ON CONFLICT (organization_id, database_connection_id, node_id) DO UPDATE SET last_seen_at = now()
