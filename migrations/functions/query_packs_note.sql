-- After each statement that changes query_fingerprint_metrics: numbers new fingerprints and records the changed buckets
-- that segments already cover.
CREATE OR REPLACE FUNCTION query_packs_note() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    packed CONSTANT timestamptz := (SELECT packed_until FROM query_pack_state);
BEGIN
    IF TG_OP <> 'DELETE' AND EXISTS (
        SELECT FROM changed WHERE NOT EXISTS (SELECT FROM query_pack_numbers AS known
                                              WHERE known.organization_id = changed.organization_id
                                                AND known.sql_hash = changed.sql_hash)) THEN
        PERFORM pg_advisory_xact_lock(x'706f74746f0c'::bigint);
        INSERT INTO query_pack_numbers (organization_id, number, sql_hash)
        SELECT organization_id,
               (SELECT coalesce(max(number), 0) FROM query_pack_numbers AS known WHERE known.organization_id = fresh.organization_id)
               + row_number() OVER (PARTITION BY organization_id ORDER BY sql_hash), sql_hash
        FROM (SELECT DISTINCT organization_id, sql_hash FROM changed) AS fresh
        WHERE NOT EXISTS (SELECT FROM query_pack_numbers AS known
                          WHERE known.organization_id = fresh.organization_id AND known.sql_hash = fresh.sql_hash);
    END IF;
    INSERT INTO query_pack_changes (organization_id, database_connection_id, resolution_s, bucket_at, sql_hash)
    SELECT DISTINCT organization_id, database_connection_id, resolution_s, bucket_at, CASE WHEN resolution_s > 300 THEN sql_hash END
    FROM changed WHERE bucket_at <= packed - make_interval(secs => resolution_s); -- the narrowest pack of it is no wider
    RETURN NULL;
END $$;
