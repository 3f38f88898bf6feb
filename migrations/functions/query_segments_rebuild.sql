-- Builds all segments and chunks again.
CREATE OR REPLACE FUNCTION query_segments_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM query_segment_state FOR UPDATE;
    DELETE FROM query_segments;
    DELETE FROM query_segment_details;
    DELETE FROM connection_segments;
    DELETE FROM query_chunks;
    DELETE FROM connection_chunks;
    DELETE FROM query_segment_changes;
    INSERT INTO query_segment_fingerprints (organization_id, fingerprint_id, sql_hash)
    SELECT organization_id,
           (SELECT coalesce(max(fingerprint_id), 0) FROM query_segment_fingerprints AS known
            WHERE known.organization_id = query.organization_id)
           + row_number() OVER (PARTITION BY organization_id ORDER BY created_at, sql_hash), sql_hash
    FROM query_fingerprints AS query
    WHERE NOT EXISTS (SELECT FROM query_segment_fingerprints AS known
                      WHERE known.organization_id = query.organization_id AND known.sql_hash = query.sql_hash);
    UPDATE query_segment_state SET segmented_until = '1900-01-01 00:00:00+00'; -- before any period begins
    PERFORM query_segments_refresh();
END $$;
