-- After each statement that changes query_fingerprint_metrics: gives ids to new fingerprints and records the changed
-- buckets that segments already cover.
CREATE OR REPLACE FUNCTION query_segments_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    segmented CONSTANT timestamptz := (SELECT segmented_until FROM query_segment_state);
BEGIN
    IF TG_OP <> 'DELETE' AND EXISTS (
        SELECT FROM changed WHERE NOT EXISTS (SELECT FROM query_segment_fingerprints AS known
                                              WHERE known.organization_id = changed.organization_id
                                                AND known.sql_hash = changed.sql_hash)) THEN
        PERFORM pg_advisory_xact_lock(x'706f74746f0c'::bigint);
        INSERT INTO query_segment_fingerprints (organization_id, fingerprint_id, sql_hash)
        SELECT organization_id,
               (SELECT coalesce(max(fingerprint_id), 0) FROM query_segment_fingerprints AS known
                WHERE known.organization_id = fresh.organization_id)
               + row_number() OVER (PARTITION BY organization_id ORDER BY sql_hash), sql_hash
        FROM (SELECT DISTINCT organization_id, sql_hash FROM changed) AS fresh
        WHERE NOT EXISTS (SELECT FROM query_segment_fingerprints AS known
                          WHERE known.organization_id = fresh.organization_id AND known.sql_hash = fresh.sql_hash);
    END IF;
    INSERT INTO query_segment_changes (organization_id, database_connection_id, resolution_s, bucket_at, sql_hash)
    SELECT DISTINCT organization_id, database_connection_id, resolution_s, bucket_at,
           CASE WHEN resolution_s > 300 THEN sql_hash END
    FROM changed WHERE bucket_at <= segmented - make_interval(secs => resolution_s); -- no segment of it is narrower
    RETURN NULL;
END $$;
