-- After each statement that changes query_metrics: records the changed buckets that segments already cover.
CREATE OR REPLACE FUNCTION connection_segments_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO query_segment_changes (organization_id, database_connection_id, resolution_s, bucket_at)
    SELECT organization_id, database_connection_id, resolution_s, bucket_at
    FROM changed
    WHERE bucket_at <= (SELECT segmented_until FROM query_segment_state) - make_interval(secs => resolution_s);
    RETURN NULL;
END $$;
