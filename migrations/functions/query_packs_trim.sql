-- Deletes segments of minutes and hours and chunks of hours whose rollups retention has dropped: no trigger sees a
-- partition go. Rollups older than all partitions lie in the default one. connection_packs_note() covers the segments
-- of connections.
CREATE OR REPLACE FUNCTION query_packs_trim() RETURNS void LANGUAGE sql AS $$
    DELETE FROM query_packs AS pack
    WHERE pack.width_s < 3600
      AND pack.start_at < (SELECT min(until) - interval '1 day' FROM partitions_of('query_fingerprint_metrics_5m'))
      AND NOT EXISTS (SELECT FROM query_fingerprint_metrics_5m_default AS metric
                      WHERE metric.organization_id = pack.organization_id
                        AND metric.database_connection_id = pack.database_connection_id AND metric.bucket_at >= pack.start_at
                        AND metric.bucket_at < pack.start_at + make_interval(secs => pack.width_s));
    DELETE FROM query_packs AS pack
    WHERE pack.width_s BETWEEN 3600 AND 28800
      AND pack.start_at < (SELECT min(until) - interval '1 month' FROM partitions_of('query_fingerprint_metrics_1h'))
      AND NOT EXISTS (SELECT FROM query_fingerprint_metrics_1h_default AS metric
                      WHERE metric.organization_id = pack.organization_id
                        AND metric.database_connection_id = pack.database_connection_id AND metric.bucket_at >= pack.start_at
                        AND metric.bucket_at < pack.start_at + make_interval(secs => pack.width_s));
    DELETE FROM query_pack_details AS detail
    WHERE detail.width_s < 86400
      AND NOT EXISTS (SELECT FROM query_packs AS pack
                      WHERE pack.organization_id = detail.organization_id AND pack.width_s = detail.width_s
                        AND pack.start_at = detail.start_at AND pack.database_connection_id = detail.database_connection_id);
    DELETE FROM query_strips AS strip
    WHERE strip.cell_s = 3600
      AND strip.start_at < (SELECT min(until) - interval '1 month' FROM partitions_of('query_fingerprint_metrics_1h'))
      AND NOT EXISTS (SELECT FROM query_fingerprint_metrics_1h_default AS metric
                      WHERE metric.organization_id = strip.organization_id AND metric.sql_hash = strip.sql_hash
                        AND metric.database_connection_id = strip.database_connection_id AND metric.bucket_at >= strip.start_at
                        AND metric.bucket_at < strip.start_at + interval '1 day');
$$;
