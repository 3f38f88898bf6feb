-- Builds segments and chunks of what has changed and of what has ended since the last time. Each transaction that
-- changes rollups calls this at its end. enable_nestloop: changed rows are looked up one by one, whatever the
-- transaction prefers for its own plans. only_connections: of these alone (NULL: of all), to find the one that fails;
-- the caller rolls back. Connections whose segments are set aside are left out, and their changes are kept.
CREATE OR REPLACE FUNCTION query_segments_refresh(until timestamptz DEFAULT clock_timestamp() - interval '20 seconds',
                                                  only_connections bigint[] DEFAULT NULL)
RETURNS void LANGUAGE plpgsql SET enable_nestloop = on AS $$
DECLARE
    segmented timestamptz;
    ends      timestamptz := segment_start(300, until);
    held      bigint[];
    has_work  boolean;
    chosen    text := 'true';
    level     record;
BEGIN
    SELECT segmented_until INTO segmented FROM query_segment_state FOR UPDATE;
    SELECT coalesce(array_agg(database_connection_id), '{}') INTO held FROM rollup_set_aside WHERE holds_segments;
    IF only_connections IS NULL AND held = '{}' THEN
        has_work := EXISTS (SELECT FROM query_segment_changes);
    ELSE
        chosen := format('metric.database_connection_id <> ALL (%L)', held);
        IF only_connections IS NOT NULL THEN
            chosen := chosen || format(' AND metric.database_connection_id = ANY (%L)', only_connections);
        END IF;
        EXECUTE 'SELECT EXISTS (SELECT FROM query_segment_changes AS metric WHERE ' || chosen || ')' INTO has_work;
    END IF;
    IF has_work THEN
        CREATE TEMP TABLE query_segments_stale (organization_id bigint, database_connection_id bigint, width_s bigint,
                                                start_at timestamptz) ON COMMIT DROP;
        CREATE TEMP TABLE query_chunks_stale (organization_id bigint, database_connection_id bigint, sql_hash uuid,
                                              bucket_s bigint, start_at timestamptz) ON COMMIT DROP;
        CREATE TEMP TABLE connection_chunks_stale (organization_id bigint, database_connection_id bigint,
                                                   bucket_s bigint, start_at timestamptz) ON COMMIT DROP;
        WITH changes AS (
            DELETE FROM query_segment_changes AS change
            WHERE change.database_connection_id <> ALL (held)
              AND (only_connections IS NULL OR change.database_connection_id = ANY (only_connections))
            RETURNING organization_id, database_connection_id, resolution_s, bucket_at, sql_hash
        ), segments AS (
            INSERT INTO query_segments_stale
            SELECT DISTINCT changes.organization_id, changes.database_connection_id, known.width_s,
                   segment_start(known.width_s, changes.bucket_at)
            FROM changes JOIN segment_widths() AS known ON known.resolution_s = changes.resolution_s
            WHERE segment_start(known.width_s, changes.bucket_at) + make_interval(secs => known.width_s) <= segmented
        ), chunks AS (
            INSERT INTO connection_chunks_stale
            SELECT DISTINCT organization_id, database_connection_id, resolution_s::bigint,
                   segment_start(connection_chunk_s(resolution_s), bucket_at)
            FROM changes
        )
        INSERT INTO query_chunks_stale
        SELECT DISTINCT organization_id, database_connection_id, sql_hash, resolution_s::bigint,
               segment_start(query_chunk_s(resolution_s), bucket_at)
        FROM changes WHERE sql_hash IS NOT NULL;
        ANALYZE query_segments_stale, query_chunks_stale, connection_chunks_stale;
        DELETE FROM query_segments AS segment USING query_segments_stale AS stale
        WHERE segment.organization_id = stale.organization_id AND segment.width_s = stale.width_s
          AND segment.start_at = stale.start_at AND segment.database_connection_id = stale.database_connection_id;
        DELETE FROM query_segment_details AS segment USING query_segments_stale AS stale
        WHERE segment.organization_id = stale.organization_id AND segment.width_s = stale.width_s
          AND segment.start_at = stale.start_at AND segment.database_connection_id = stale.database_connection_id;
        DELETE FROM connection_segments AS segment USING query_segments_stale AS stale
        WHERE segment.organization_id = stale.organization_id AND segment.width_s = stale.width_s
          AND segment.start_at = stale.start_at AND segment.database_connection_id = stale.database_connection_id;
        DELETE FROM query_chunks AS chunk USING query_chunks_stale AS stale
        WHERE chunk.organization_id = stale.organization_id AND chunk.sql_hash = stale.sql_hash
          AND chunk.bucket_s = stale.bucket_s AND chunk.start_at = stale.start_at
          AND chunk.database_connection_id = stale.database_connection_id;
        DELETE FROM connection_chunks AS chunk USING connection_chunks_stale AS stale
        WHERE chunk.organization_id = stale.organization_id AND chunk.bucket_s = stale.bucket_s
          AND chunk.start_at = stale.start_at AND chunk.database_connection_id = stale.database_connection_id;
        FOR level IN SELECT known.width_s, known.resolution_s FROM segment_widths() AS known
                     WHERE EXISTS (SELECT FROM query_segments_stale AS stale WHERE stale.width_s = known.width_s) LOOP
            PERFORM query_segments_make(level.width_s, level.resolution_s, NULL, NULL, true, chosen);
            PERFORM connection_segments_make(level.width_s, level.resolution_s, NULL, NULL, true, chosen);
        END LOOP;
        FOR level IN SELECT DISTINCT bucket_s FROM query_chunks_stale LOOP
            PERFORM query_chunks_make(level.bucket_s, NULL, segment_start(level.bucket_s, segmented), true, chosen);
        END LOOP;
        FOR level IN SELECT DISTINCT bucket_s FROM connection_chunks_stale LOOP
            PERFORM connection_chunks_make(level.bucket_s, NULL, segment_start(level.bucket_s, segmented), true,
                                           chosen);
        END LOOP;
        DROP TABLE query_segments_stale, query_chunks_stale, connection_chunks_stale;
    END IF;
    IF ends > segmented THEN
        FOR level IN SELECT width_s, resolution_s FROM segment_widths() AS known
                     WHERE segment_start(known.width_s, ends) > segment_start(known.width_s, segmented) LOOP
            PERFORM query_segments_make(level.width_s, level.resolution_s, segment_start(level.width_s, segmented),
                                        segment_start(level.width_s, ends), false, chosen);
            PERFORM connection_segments_make(level.width_s, level.resolution_s, segment_start(level.width_s, segmented),
                                             segment_start(level.width_s, ends), false, chosen);
            IF level.width_s = level.resolution_s THEN
                PERFORM connection_chunks_make(level.width_s, segment_start(level.width_s, segmented),
                                               segment_start(level.width_s, ends), false, chosen);
            END IF;
            IF level.width_s = level.resolution_s AND level.resolution_s > 300 THEN
                PERFORM query_chunks_make(level.width_s, segment_start(level.width_s, segmented),
                                          segment_start(level.width_s, ends), false, chosen);
            END IF;
        END LOOP;
        UPDATE query_segment_state SET segmented_until = ends;
        IF segment_start(86400, ends) > segment_start(86400, segmented) THEN
            PERFORM query_segments_trim();
        END IF;
    END IF;
END $$;
