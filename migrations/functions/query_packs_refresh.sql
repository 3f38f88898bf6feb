-- Builds segments and chunks of what has changed and of what has ended since the last time. Each transaction that
-- changes rollups calls this at its end. enable_nestloop: changed rows are looked up one by one, whatever the
-- transaction prefers for its own plans.
CREATE OR REPLACE FUNCTION query_packs_refresh(until timestamptz DEFAULT clock_timestamp() - interval '20 seconds')
RETURNS void LANGUAGE plpgsql SET enable_nestloop = on AS $$
DECLARE
    packed timestamptz;
    ends   timestamptz := query_pack_start(300, until);
    level  record;
BEGIN
    SELECT packed_until INTO packed FROM query_pack_state FOR UPDATE;
    IF EXISTS (SELECT FROM query_pack_changes) THEN
        CREATE TEMP TABLE query_packs_stale (organization_id bigint, database_connection_id bigint, width_s bigint, start_at timestamptz)
            ON COMMIT DROP;
        CREATE TEMP TABLE query_strips_stale (organization_id bigint, database_connection_id bigint, sql_hash uuid, cell_s bigint,
                                              start_at timestamptz) ON COMMIT DROP;
        CREATE TEMP TABLE connection_strips_stale (organization_id bigint, database_connection_id bigint, cell_s bigint,
                                                   start_at timestamptz) ON COMMIT DROP;
        WITH changes AS (
            DELETE FROM query_pack_changes RETURNING organization_id, database_connection_id, resolution_s, bucket_at, sql_hash
        ), packs AS (
            INSERT INTO query_packs_stale
            SELECT DISTINCT changes.organization_id, changes.database_connection_id, known.width_s,
                   query_pack_start(known.width_s, changes.bucket_at)
            FROM changes JOIN query_pack_widths() AS known ON known.resolution_s = changes.resolution_s
            WHERE query_pack_start(known.width_s, changes.bucket_at) + make_interval(secs => known.width_s) <= packed
        ), strips AS (
            INSERT INTO connection_strips_stale
            SELECT DISTINCT organization_id, database_connection_id, resolution_s::bigint,
                   query_pack_start(connection_strip_s(resolution_s), bucket_at)
            FROM changes
        )
        INSERT INTO query_strips_stale
        SELECT DISTINCT organization_id, database_connection_id, sql_hash, resolution_s::bigint,
               query_pack_start(query_strip_s(resolution_s), bucket_at)
        FROM changes WHERE sql_hash IS NOT NULL;
        ANALYZE query_packs_stale, query_strips_stale, connection_strips_stale;
        DELETE FROM query_packs AS pack USING query_packs_stale AS stale
        WHERE pack.organization_id = stale.organization_id AND pack.width_s = stale.width_s AND pack.start_at = stale.start_at
          AND pack.database_connection_id = stale.database_connection_id;
        DELETE FROM query_pack_details AS pack USING query_packs_stale AS stale
        WHERE pack.organization_id = stale.organization_id AND pack.width_s = stale.width_s AND pack.start_at = stale.start_at
          AND pack.database_connection_id = stale.database_connection_id;
        DELETE FROM connection_packs AS pack USING query_packs_stale AS stale
        WHERE pack.organization_id = stale.organization_id AND pack.width_s = stale.width_s AND pack.start_at = stale.start_at
          AND pack.database_connection_id = stale.database_connection_id;
        DELETE FROM query_strips AS strip USING query_strips_stale AS stale
        WHERE strip.organization_id = stale.organization_id AND strip.sql_hash = stale.sql_hash AND strip.cell_s = stale.cell_s
          AND strip.start_at = stale.start_at AND strip.database_connection_id = stale.database_connection_id;
        DELETE FROM connection_strips AS strip USING connection_strips_stale AS stale
        WHERE strip.organization_id = stale.organization_id AND strip.cell_s = stale.cell_s AND strip.start_at = stale.start_at
          AND strip.database_connection_id = stale.database_connection_id;
        FOR level IN SELECT known.width_s, known.resolution_s FROM query_pack_widths() AS known
                     WHERE EXISTS (SELECT FROM query_packs_stale AS stale WHERE stale.width_s = known.width_s) LOOP
            PERFORM query_packs_make(level.width_s, level.resolution_s, NULL, NULL, true);
            PERFORM connection_packs_make(level.width_s, level.resolution_s, NULL, NULL, true);
        END LOOP;
        FOR level IN SELECT DISTINCT cell_s FROM query_strips_stale LOOP
            PERFORM query_strips_make(level.cell_s, NULL, query_pack_start(level.cell_s, packed), true);
        END LOOP;
        FOR level IN SELECT DISTINCT cell_s FROM connection_strips_stale LOOP
            PERFORM connection_strips_make(level.cell_s, NULL, query_pack_start(level.cell_s, packed), true);
        END LOOP;
        DROP TABLE query_packs_stale, query_strips_stale, connection_strips_stale;
    END IF;
    IF ends > packed THEN
        FOR level IN SELECT width_s, resolution_s FROM query_pack_widths() AS known
                     WHERE query_pack_start(known.width_s, ends) > query_pack_start(known.width_s, packed) LOOP
            PERFORM query_packs_make(level.width_s, level.resolution_s, query_pack_start(level.width_s, packed),
                                     query_pack_start(level.width_s, ends), false);
            PERFORM connection_packs_make(level.width_s, level.resolution_s, query_pack_start(level.width_s, packed),
                                          query_pack_start(level.width_s, ends), false);
            IF level.width_s = level.resolution_s THEN
                PERFORM connection_strips_make(level.width_s, query_pack_start(level.width_s, packed),
                                               query_pack_start(level.width_s, ends), false);
            END IF;
            IF level.width_s = level.resolution_s AND level.resolution_s > 300 THEN
                PERFORM query_strips_make(level.width_s, query_pack_start(level.width_s, packed), query_pack_start(level.width_s, ends),
                                          false);
            END IF;
        END LOOP;
        UPDATE query_pack_state SET packed_until = ends;
        IF query_pack_start(86400, ends) > query_pack_start(86400, packed) THEN
            PERFORM query_packs_trim();
        END IF;
    END IF;
END $$;
