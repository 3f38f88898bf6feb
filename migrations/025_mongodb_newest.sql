-- The state of a MongoDB node is judged by its newest reports. To look for them among all reports opens the partition
-- of each day for each node, so ingest keeps them in a row of their own. 16 and the order of `numbers`:
-- lib/facts/mongodb.h.
CREATE TABLE mongodb_newest (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    node_id                text COLLATE "C" NOT NULL,
    role                   text,                   -- of the newest report
    numbers                bigint[] NOT NULL,      -- of the newest report; seconds, hours in millionths, -1: not told
    times                  timestamptz[] NOT NULL, -- of the newest 16 reports, the newest first
    operations             bigint[] NOT NULL,      -- of the same reports, all together; -1: not told
    PRIMARY KEY (organization_id, database_connection_id, node_id)
) WITH (fillfactor = 50); -- each report changes the row; with room beside it no index changes

INSERT INTO mongodb_newest (organization_id, database_connection_id, node_id, role, numbers, times, operations)
SELECT node.organization_id, node.database_connection_id, node.node_id, (recent.roles)[1], newest.numbers, recent.times,
       recent.operations
FROM mongodb_nodes AS node
CROSS JOIN LATERAL (
    SELECT array_agg(report.role ORDER BY report.time DESC) AS roles,
           array_agg(report.time ORDER BY report.time DESC) AS times,
           array_agg(CASE WHEN coalesce(report.ops_insert, report.ops_query, report.ops_update, report.ops_delete,
                                        report.ops_command) IS NULL
                          THEN -1
                          ELSE coalesce(report.ops_insert, 0) + coalesce(report.ops_query, 0)
                               + coalesce(report.ops_update, 0) + coalesce(report.ops_delete, 0)
                               + coalesce(report.ops_command, 0) END ORDER BY report.time DESC) AS operations
    FROM (SELECT * FROM metrics_mongodb AS stored
          WHERE stored.organization_id = node.organization_id
            AND stored.database_connection_id = node.database_connection_id AND stored.node_id = node.node_id
          ORDER BY stored.time DESC
          LIMIT 16) AS report) AS recent
JOIN LATERAL (
    SELECT ARRAY[coalesce(connections_current, -1), coalesce(connections_available, -1), coalesce(ops_insert, -1),
                 coalesce(ops_query, -1), coalesce(ops_update, -1), coalesce(ops_delete, -1),
                 coalesce(ops_command, -1), coalesce(round(repl_lag_seconds * 1e6)::bigint, -1),
                 coalesce(data_size_bytes, -1), coalesce(index_size_bytes, -1), coalesce(storage_size_bytes, -1),
                 coalesce(round(oplog_window_hours * 1e6)::bigint, -1), coalesce(wt_cache_used_bytes, -1),
                 coalesce(wt_cache_max_bytes, -1)] AS numbers
    FROM metrics_mongodb AS stored
    WHERE stored.organization_id = node.organization_id
      AND stored.database_connection_id = node.database_connection_id AND stored.node_id = node.node_id
      AND stored.time = (recent.times)[1]) AS newest ON true;

SELECT potto_row_policy('mongodb_newest');
-- Merging reads the row that it changes.
SELECT potto_ingest_privileges('mongodb_newest',
    'INSERT, SELECT, UPDATE (role, numbers, times, operations)');
