-- Deletes at most $3 sums of MongoDB reports in buckets of $1 seconds that are older than $2, found by the index of
-- each node.
DELETE FROM mongodb_stats AS stat
USING (SELECT old.organization_id, old.database_connection_id, old.node_id, old.resolution_s, old.bucket_at
       FROM mongodb_nodes AS node
       JOIN mongodb_stats AS old
           ON old.organization_id = node.organization_id AND old.database_connection_id = node.database_connection_id
              AND old.node_id = node.node_id AND old.resolution_s = $1::int AND old.bucket_at < $2::timestamptz
       LIMIT $3::int) AS picked
WHERE stat.organization_id = picked.organization_id AND stat.database_connection_id = picked.database_connection_id
  AND stat.node_id = picked.node_id AND stat.resolution_s = picked.resolution_s AND stat.bucket_at = picked.bucket_at
