-- Deletes segments of minutes and hours and chunks of hours whose rollups retention has dropped: no trigger sees a
-- partition go. Rollups older than all partitions lie in the default one. connection_segments_note() covers the
-- segments of connections.
CREATE OR REPLACE FUNCTION query_segments_trim() RETURNS void LANGUAGE sql AS $$
    DELETE FROM query_segments AS segment
    WHERE segment.width_s < 3600
      AND segment.start_at < (SELECT min(until) - interval '1 day' FROM partitions_of('query_fingerprint_metrics_5m'))
      AND NOT EXISTS (SELECT FROM query_fingerprint_metrics_5m_default AS metric
                      WHERE metric.organization_id = segment.organization_id
                        AND metric.database_connection_id = segment.database_connection_id
                        AND metric.bucket_at >= segment.start_at
                        AND metric.bucket_at < segment.start_at + make_interval(secs => segment.width_s));
    DELETE FROM query_segments AS segment
    WHERE segment.width_s BETWEEN 3600 AND 28800
      AND segment.start_at < (SELECT min(until) - interval '1 month' FROM partitions_of('query_fingerprint_metrics_1h'))
      AND NOT EXISTS (SELECT FROM query_fingerprint_metrics_1h_default AS metric
                      WHERE metric.organization_id = segment.organization_id
                        AND metric.database_connection_id = segment.database_connection_id
                        AND metric.bucket_at >= segment.start_at
                        AND metric.bucket_at < segment.start_at + make_interval(secs => segment.width_s));
    DELETE FROM query_segment_details AS detail
    WHERE detail.width_s < 86400
      AND NOT EXISTS (SELECT FROM query_segments AS segment
                      WHERE segment.organization_id = detail.organization_id AND segment.width_s = detail.width_s
                        AND segment.start_at = detail.start_at
                        AND segment.database_connection_id = detail.database_connection_id);
    DELETE FROM query_chunks AS chunk
    WHERE chunk.bucket_s = 3600
      AND chunk.start_at < (SELECT min(until) - interval '1 month' FROM partitions_of('query_fingerprint_metrics_1h'))
      AND NOT EXISTS (SELECT FROM query_fingerprint_metrics_1h_default AS metric
                      WHERE metric.organization_id = chunk.organization_id AND metric.sql_hash = chunk.sql_hash
                        AND metric.database_connection_id = chunk.database_connection_id
                        AND metric.bucket_at >= chunk.start_at
                        AND metric.bucket_at < chunk.start_at + interval '1 day');
$$;
