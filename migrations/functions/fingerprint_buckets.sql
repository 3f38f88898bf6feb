-- Rollups of fingerprints in a period that lib/store/read has cut into tiers, as connection_facts(); each row
-- is one bucket with its histogram.
CREATE OR REPLACE FUNCTION fingerprint_buckets(fine_from timestamptz, fine_to timestamptz, hour_from timestamptz,
                                               hour_to timestamptz, day_from timestamptz, day_to timestamptz,
                                               late_hour_from timestamptz, late_hour_to timestamptz,
                                               late_fine_from timestamptz, late_fine_to timestamptz)
RETURNS TABLE (organization_id bigint, database_connection_id bigint, sql_hash uuid, resolution_s int,
               bucket_at timestamptz, calls bigint, slow_calls bigint, total_ms double precision,
               max_ms double precision, rows_examined bigint, rows_returned bigint, blocks_hit bigint,
               blocks_read bigint, lock_us bigint, temp_tables bigint, temp_disk_tables bigint, sort_passes bigint,
               no_index_calls bigint, errors bigint, histogram bigint[],
               measures bigint[])
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms,
           max_ms, greatest(rows_examined, counter_examined), rows_returned, blocks_hit, blocks_read,
           coalesce(greatest(lock_us, counter_lock_us), 0), coalesce(temp_tables, 0), coalesce(temp_disk_tables, 0),
           coalesce(sort_passes, 0), coalesce(no_index_calls, 0), coalesce(errors, 0), histogram,
           measures
    FROM query_fingerprint_metrics WHERE resolution_s = 300 AND bucket_at >= $1 AND bucket_at < $2
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms,
           max_ms, greatest(rows_examined, counter_examined), rows_returned, blocks_hit, blocks_read,
           coalesce(greatest(lock_us, counter_lock_us), 0), coalesce(temp_tables, 0), coalesce(temp_disk_tables, 0),
           coalesce(sort_passes, 0), coalesce(no_index_calls, 0), coalesce(errors, 0), histogram,
           measures
    FROM query_fingerprint_metrics WHERE resolution_s = 3600 AND bucket_at >= $3 AND bucket_at < $4
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms,
           max_ms, greatest(rows_examined, counter_examined), rows_returned, blocks_hit, blocks_read,
           coalesce(greatest(lock_us, counter_lock_us), 0), coalesce(temp_tables, 0), coalesce(temp_disk_tables, 0),
           coalesce(sort_passes, 0), coalesce(no_index_calls, 0), coalesce(errors, 0), histogram,
           measures
    FROM query_fingerprint_metrics WHERE resolution_s = 86400 AND bucket_at >= $5 AND bucket_at < $6
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms,
           max_ms, greatest(rows_examined, counter_examined), rows_returned, blocks_hit, blocks_read,
           coalesce(greatest(lock_us, counter_lock_us), 0), coalesce(temp_tables, 0), coalesce(temp_disk_tables, 0),
           coalesce(sort_passes, 0), coalesce(no_index_calls, 0), coalesce(errors, 0), histogram,
           measures
    FROM query_fingerprint_metrics WHERE resolution_s = 3600 AND bucket_at >= $7 AND bucket_at < $8
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms,
           max_ms, greatest(rows_examined, counter_examined), rows_returned, blocks_hit, blocks_read,
           coalesce(greatest(lock_us, counter_lock_us), 0), coalesce(temp_tables, 0), coalesce(temp_disk_tables, 0),
           coalesce(sort_passes, 0), coalesce(no_index_calls, 0), coalesce(errors, 0), histogram,
           measures
    FROM query_fingerprint_metrics WHERE resolution_s = 300 AND bucket_at >= $9 AND bucket_at < $10
$$;
