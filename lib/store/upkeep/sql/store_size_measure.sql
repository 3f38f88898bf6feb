-- Measures each group of tables now, unless that was done in the last $1 seconds.
INSERT INTO store_sizes (measured_at, table_group, bytes, row_count, oldest_at, newest_at)
SELECT now(), size.table_group, size.bytes, size.row_count,
       CASE size.table_group WHEN 'samples' THEN samples.oldest_at WHEN 'rollups' THEN rollups.oldest_at END,
       CASE size.table_group WHEN 'samples' THEN samples.newest_at WHEN 'rollups' THEN rollups.newest_at END
FROM (SELECT table_group(class.relname), sum(coalesce(pg_total_relation_size(class.oid), 0))::bigint AS bytes,
             sum(greatest(class.reltuples, 0))::bigint AS row_count
      FROM pg_class AS class
      WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'm')
      GROUP BY 1) AS size,
     (SELECT min(first.captured_at) AS oldest_at, max(last.captured_at) AS newest_at
      FROM database_connections AS connection
      LEFT JOIN LATERAL (SELECT captured_at FROM slow_queries_raw AS sample
                         WHERE sample.organization_id = connection.organization_id
                           AND sample.database_connection_id = connection.id
                         ORDER BY captured_at LIMIT 1) AS first ON true
      LEFT JOIN LATERAL (SELECT captured_at FROM slow_queries_raw AS sample
                         WHERE sample.organization_id = connection.organization_id
                           AND sample.database_connection_id = connection.id
                         ORDER BY captured_at DESC LIMIT 1) AS last ON true) AS samples,
     (SELECT min(first.bucket_at) AS oldest_at, max(last.bucket_at) AS newest_at
      FROM database_connections AS connection
      LEFT JOIN LATERAL (SELECT bucket_at FROM query_metrics AS metric
                         WHERE metric.organization_id = connection.organization_id
                           AND metric.database_connection_id = connection.id AND metric.resolution_s = 86400
                         ORDER BY bucket_at LIMIT 1) AS first ON true
      LEFT JOIN LATERAL (SELECT bucket_at FROM query_metrics AS metric
                         WHERE metric.organization_id = connection.organization_id
                           AND metric.database_connection_id = connection.id AND metric.resolution_s = 300
                         ORDER BY bucket_at DESC LIMIT 1) AS last ON true) AS rollups
WHERE NOT EXISTS (SELECT FROM store_sizes WHERE measured_at > now() - make_interval(secs => $1::int))
