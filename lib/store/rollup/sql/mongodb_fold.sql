-- Takes deltas of MongoDB reports away and adds them to mongodb_stats, in all three resolutions: of each connection in
-- $1 at most as many as $2 has at its place, the newest first. Sums of numeric neither overflow nor depend on the
-- order, and the sums of a delta are bounded (lib/facts/mongodb.h): nobody's numbers can stop this. Planned each time,
-- as rollup_fold.
-- returns: folded_count bigint
WITH folded AS (
    DELETE FROM mongodb_deltas AS delta
    WHERE delta.ctid = ANY (ARRAY(
        SELECT newest.place
        FROM unnest($1::bigint[], $2::bigint[]) AS piece (connection_id, rows_max)
        CROSS JOIN LATERAL (SELECT ctid AS place FROM mongodb_deltas
                            WHERE database_connection_id = piece.connection_id
                            ORDER BY bucket_at DESC LIMIT piece.rows_max) AS newest))
    RETURNING delta.organization_id, delta.database_connection_id, delta.node_id, delta.bucket_at, delta.reports,
              delta.totals, delta.counts
), stored AS (
    INSERT INTO mongodb_stats AS known
           (organization_id, database_connection_id, node_id, resolution_s, bucket_at, reports,
            connections_current_total, connections_current_count, connections_available_total,
            connections_available_count, ops_insert, ops_query, ops_update, ops_delete, ops_command,
            repl_lag_seconds_total, repl_lag_seconds_count, data_size_bytes, index_size_bytes, storage_size_bytes,
            oplog_window_hours_total, oplog_window_hours_count, wt_cache_used_bytes_total, wt_cache_used_bytes_count,
            wt_cache_max_bytes_total, wt_cache_max_bytes_count)
    SELECT organization_id, database_connection_id, node_id, seconds,
           date_bin(make_interval(secs => seconds), bucket_at, '2000-01-01 00:00:00+00') AS at, sum(reports),
           sum(totals[1]), sum(counts[1]), sum(totals[2]), sum(counts[2]),
           sum(totals[3]) FILTER (WHERE counts[3] > 0), sum(totals[4]) FILTER (WHERE counts[4] > 0),
           sum(totals[5]) FILTER (WHERE counts[5] > 0), sum(totals[6]) FILTER (WHERE counts[6] > 0),
           sum(totals[7]) FILTER (WHERE counts[7] > 0), sum(totals[8]) * 0.000001, sum(counts[8]),
           max(totals[9]) FILTER (WHERE counts[9] > 0), max(totals[10]) FILTER (WHERE counts[10] > 0),
           max(totals[11]) FILTER (WHERE counts[11] > 0), sum(totals[12]) * 0.000001, sum(counts[12]),
           sum(totals[13]), sum(counts[13]), sum(totals[14]), sum(counts[14])
    FROM folded CROSS JOIN (VALUES (300), (3600), (86400)) AS resolution (seconds)
    GROUP BY organization_id, database_connection_id, node_id, seconds, at
    ORDER BY organization_id, database_connection_id, node_id, seconds, at
    ON CONFLICT (organization_id, database_connection_id, node_id, resolution_s, bucket_at) DO UPDATE
    SET reports = known.reports + excluded.reports,
        connections_current_total = known.connections_current_total + excluded.connections_current_total,
        connections_current_count = known.connections_current_count + excluded.connections_current_count,
        connections_available_total = known.connections_available_total + excluded.connections_available_total,
        connections_available_count = known.connections_available_count + excluded.connections_available_count,
        ops_insert = coalesce(known.ops_insert + excluded.ops_insert, known.ops_insert, excluded.ops_insert),
        ops_query = coalesce(known.ops_query + excluded.ops_query, known.ops_query, excluded.ops_query),
        ops_update = coalesce(known.ops_update + excluded.ops_update, known.ops_update, excluded.ops_update),
        ops_delete = coalesce(known.ops_delete + excluded.ops_delete, known.ops_delete, excluded.ops_delete),
        ops_command = coalesce(known.ops_command + excluded.ops_command, known.ops_command, excluded.ops_command),
        repl_lag_seconds_total = known.repl_lag_seconds_total + excluded.repl_lag_seconds_total,
        repl_lag_seconds_count = known.repl_lag_seconds_count + excluded.repl_lag_seconds_count,
        data_size_bytes = greatest(known.data_size_bytes, excluded.data_size_bytes),
        index_size_bytes = greatest(known.index_size_bytes, excluded.index_size_bytes),
        storage_size_bytes = greatest(known.storage_size_bytes, excluded.storage_size_bytes),
        oplog_window_hours_total = known.oplog_window_hours_total + excluded.oplog_window_hours_total,
        oplog_window_hours_count = known.oplog_window_hours_count + excluded.oplog_window_hours_count,
        wt_cache_used_bytes_total = known.wt_cache_used_bytes_total + excluded.wt_cache_used_bytes_total,
        wt_cache_used_bytes_count = known.wt_cache_used_bytes_count + excluded.wt_cache_used_bytes_count,
        wt_cache_max_bytes_total = known.wt_cache_max_bytes_total + excluded.wt_cache_max_bytes_total,
        wt_cache_max_bytes_count = known.wt_cache_max_bytes_count + excluded.wt_cache_max_bytes_count
)
SELECT count(*) AS folded_count FROM folded
