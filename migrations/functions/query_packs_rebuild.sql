-- Builds all segments and chunks again.
CREATE OR REPLACE FUNCTION query_packs_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM query_pack_state FOR UPDATE;
    DELETE FROM query_packs;
    DELETE FROM query_pack_details;
    DELETE FROM connection_packs;
    DELETE FROM query_strips;
    DELETE FROM connection_strips;
    DELETE FROM query_pack_changes;
    INSERT INTO query_pack_numbers (organization_id, number, sql_hash)
    SELECT organization_id,
           (SELECT coalesce(max(number), 0) FROM query_pack_numbers AS known WHERE known.organization_id = query.organization_id)
           + row_number() OVER (PARTITION BY organization_id ORDER BY created_at, sql_hash), sql_hash
    FROM query_fingerprints AS query
    WHERE NOT EXISTS (SELECT FROM query_pack_numbers AS known
                      WHERE known.organization_id = query.organization_id AND known.sql_hash = query.sql_hash);
    UPDATE query_pack_state SET packed_until = '1900-01-01 00:00:00+00'; -- before any period begins
    PERFORM query_packs_refresh();
END $$;
