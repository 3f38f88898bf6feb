-- What a page of fingerprints and an overview read beside the packs of 012, in tens of rows and not in thousands
-- (docs/performance.md): strips, a fingerprint's rollups of a while in one row; and packs of a connection's own rollups. Derived and
-- kept as packs are: exact at every commit.

-- Rollups of one fingerprint on one connection that are over, side by side: the hours of a day, the days of eight, aligned at
-- 2000-01-01 UTC. lib/store/query_cells.c reads them.
CREATE TABLE query_strips (
    organization_id        bigint NOT NULL,
    sql_hash               uuid NOT NULL,
    cell_s                 bigint NOT NULL, -- 3600 or 86400: resolution_s of the rollups in it
    start_at               timestamptz NOT NULL,
    database_connection_id bigint NOT NULL,
    sums                   bytea NOT NULL, -- for each rollup int4send(its place in the strip), int8send(calls), int8send(slow_calls), float8send(total_ms)
    details                bytea NOT NULL, -- in the same order int8send of rows_examined, rows_returned, blocks_hit, blocks_read, float8send(max_ms)
    histograms             bytea NOT NULL, -- for each that has one int4send(place), int4send(length), histogram_bytes()
    PRIMARY KEY (organization_id, sql_hash, cell_s, start_at, database_connection_id)
) WITH (fillfactor = 70, toast_tuple_target = 8160); -- a strip grows with each hour; most lie in their row
ALTER TABLE query_strips ALTER COLUMN sums SET STORAGE EXTERNAL, ALTER COLUMN details SET STORAGE EXTERNAL,
                         ALTER COLUMN histograms SET STORAGE EXTERNAL;

-- More of what a row of query_packs holds, in the order of its numbers; apart from it, since few lists are in an order that needs it.
CREATE TABLE query_pack_details (
    organization_id           bigint NOT NULL,
    width_s                   bigint NOT NULL,
    start_at                  timestamptz NOT NULL,
    database_connection_id    bigint NOT NULL,
    fingerprint_max_ms        bytea NOT NULL, -- float8send
    fingerprint_rows_examined bytea NOT NULL, -- int8send
    fingerprint_rows_returned bytea NOT NULL,
    PRIMARY KEY (organization_id, width_s, start_at, database_connection_id)
) WITH (toast_tuple_target = 8160);
ALTER TABLE query_pack_details ALTER COLUMN fingerprint_max_ms SET STORAGE EXTERNAL,
                               ALTER COLUMN fingerprint_rows_examined SET STORAGE EXTERNAL,
                               ALTER COLUMN fingerprint_rows_returned SET STORAGE EXTERNAL;

-- As query_packs, of query_metrics: what a connection ran, whatever it was.
CREATE TABLE connection_packs (
    organization_id        bigint NOT NULL,
    width_s                bigint NOT NULL,
    start_at               timestamptz NOT NULL,
    database_connection_id bigint NOT NULL,
    calls                  bigint NOT NULL,
    slow_calls             bigint NOT NULL,
    total_ms               double precision NOT NULL,
    histogram              bytea, -- histogram_bytes(); NULL: only counters are known
    PRIMARY KEY (organization_id, width_s, start_at, database_connection_id)
) WITH (toast_tuple_target = 8160);
ALTER TABLE connection_packs ALTER COLUMN histogram SET STORAGE EXTERNAL;

-- As query_strips, of query_metrics: five minutes of 8 hours, hours of 8 days, days of 64. lib/store/store_overview_series.c reads them.
CREATE TABLE connection_strips (
    organization_id        bigint NOT NULL,
    cell_s                 bigint NOT NULL, -- 300, 3600 or 86400
    start_at               timestamptz NOT NULL,
    database_connection_id bigint NOT NULL,
    sums                   bytea NOT NULL, -- as query_strips.sums
    PRIMARY KEY (organization_id, cell_s, start_at, database_connection_id)
) WITH (fillfactor = 50, toast_tuple_target = 8160);
ALTER TABLE connection_strips ALTER COLUMN sums SET STORAGE EXTERNAL;

-- A packed distribution (lib/store/histogram.h) in four bytes a bin: bin << 22 | count; ffffffff and the entry in eight where the count
-- does not fit; ascending. Read by lib/store/query_bins.c.
CREATE FUNCTION histogram_entry_bytes(entry bigint) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN entry & 1099511627775 < 4194304 THEN int4send(((entry >> 40) << 22 | (entry & 1099511627775))::int)
                ELSE '\xffffffff'::bytea || int8send(entry) END
$$;
CREATE FUNCTION histogram_bytes(histogram bigint[]) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(histogram_entry_bytes(entry), '') FROM unnest(histogram) AS entry
$$;

-- How long a strip of such cells is, of a fingerprint and of a connection.
CREATE FUNCTION query_strip_s(cell_s bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE cell_s WHEN 3600 THEN 86400 ELSE 691200 END
$$;
CREATE FUNCTION connection_strip_s(cell_s bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE cell_s WHEN 300 THEN 28800 WHEN 3600 THEN 691200 ELSE 5529600 END
$$;

-- Of which fingerprint, where strips have it too; NULL: a connection's own rollup.
ALTER TABLE query_pack_changes ADD COLUMN sql_hash uuid;

-- After every statement that changes rollups: numbers for new fingerprints, notes about packed times.
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

-- The same for a connection's own rollups.
CREATE FUNCTION connection_packs_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO query_pack_changes (organization_id, database_connection_id, resolution_s, bucket_at)
    SELECT organization_id, database_connection_id, resolution_s, bucket_at
    FROM changed WHERE bucket_at <= (SELECT packed_until FROM query_pack_state) - make_interval(secs => resolution_s);
    RETURN NULL;
END $$;
CREATE TRIGGER connection_packs_note_insert AFTER INSERT ON query_metrics
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION connection_packs_note();
CREATE TRIGGER connection_packs_note_update AFTER UPDATE ON query_metrics
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION connection_packs_note();
CREATE TRIGGER connection_packs_note_delete AFTER DELETE ON query_metrics
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION connection_packs_note();

-- Retention takes rollups that lie in no partition of a day or month from the table they lie in, of which the trigger above hears nothing.
CREATE TRIGGER query_packs_note_delete AFTER DELETE ON query_fingerprint_metrics_1d
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_packs_note();
CREATE TRIGGER query_packs_note_delete AFTER DELETE ON query_fingerprint_metrics_1h_default
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_packs_note();
CREATE TRIGGER query_packs_note_delete AFTER DELETE ON query_fingerprint_metrics_5m_default
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_packs_note();

-- Pack blocks of one width that start in [from_at, to_at); only_changed: those of query_packs_stale instead. What is packed of them
-- already must be gone.
CREATE OR REPLACE FUNCTION query_packs_make(width bigint, resolution int, from_at timestamptz, to_at timestamptz, only_changed boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($sql$
        WITH fingerprints AS (
            SELECT metric.organization_id, %s AS start_at, metric.database_connection_id, known.number,
                   least(sum(metric.calls), 9e18)::bigint AS calls, least(sum(metric.slow_calls), 9e18)::bigint AS slow_calls,
                   sum(metric.total_ms) AS total_ms, max(metric.max_ms) AS max_ms,
                   least(sum(metric.rows_examined), 9e18)::bigint AS rows_examined,
                   least(sum(metric.rows_returned), 9e18)::bigint AS rows_returned
            FROM %s
            GROUP BY 1, 2, 3, 4
            ORDER BY 1, 2, 3, 4 -- numbers ascend in each string
        ), made AS (
            SELECT organization_id, start_at, database_connection_id, least(sum(calls), 9e18)::bigint AS calls,
                   least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms,
                   string_agg(int4send(number), '') AS numbers,
                   string_agg(float8send(total_ms), '') AS fingerprint_ms,
                   string_agg(int8send(calls), '') AS fingerprint_calls,
                   string_agg(float8send(max_ms), '') AS fingerprint_max_ms,
                   string_agg(int8send(rows_examined), '') AS fingerprint_rows_examined,
                   string_agg(int8send(rows_returned), '') AS fingerprint_rows_returned
            FROM fingerprints
            GROUP BY organization_id, start_at, database_connection_id
        ), packs AS (
            INSERT INTO query_packs (organization_id, width_s, start_at, database_connection_id, calls, slow_calls, total_ms, numbers,
                                     fingerprint_ms, fingerprint_calls)
            SELECT organization_id, $1, start_at, database_connection_id, calls, slow_calls, total_ms, numbers, fingerprint_ms,
                   fingerprint_calls
            FROM made
        )
        INSERT INTO query_pack_details (organization_id, width_s, start_at, database_connection_id, fingerprint_max_ms,
                                        fingerprint_rows_examined, fingerprint_rows_returned)
        SELECT organization_id, $1, start_at, database_connection_id, fingerprint_max_ms, fingerprint_rows_examined,
               fingerprint_rows_returned
        FROM made $sql$,
        CASE WHEN only_changed THEN 'stale.start_at' ELSE 'query_pack_start($1, metric.bucket_at)' END,
        CASE WHEN only_changed THEN $sql$
            query_packs_stale AS stale
            CROSS JOIN LATERAL ( -- OFFSET 0: one by one, by the key, whatever is known of so new a table
                SELECT * FROM query_fingerprint_metrics AS metric
                WHERE metric.organization_id = stale.organization_id AND metric.database_connection_id = stale.database_connection_id
                  AND metric.resolution_s = $2 AND metric.bucket_at >= stale.start_at
                  AND metric.bucket_at < stale.start_at + make_interval(secs => $1)
                OFFSET 0) AS metric
            JOIN query_pack_numbers AS known ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
            WHERE stale.width_s = $1 $sql$
        ELSE $sql$
            query_fingerprint_metrics AS metric
            JOIN query_pack_numbers AS known ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
            WHERE metric.resolution_s = $2 AND metric.bucket_at >= $3 AND metric.bucket_at < $4 $sql$ END)
    USING width, resolution, from_at, to_at;
END $$;

-- Connections' own packs, as query_packs_make.
CREATE FUNCTION connection_packs_make(width bigint, resolution int, from_at timestamptz, to_at timestamptz, only_changed boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($sql$
        INSERT INTO connection_packs (organization_id, width_s, start_at, database_connection_id, calls, slow_calls, total_ms, histogram)
        WITH metrics AS (
            SELECT metric.organization_id, %s AS start_at, metric.database_connection_id, metric.calls, metric.slow_calls, metric.total_ms,
                   metric.histogram
            FROM %s
        ), sums AS (
            SELECT organization_id, start_at, database_connection_id, least(sum(calls), 9e18)::bigint AS calls,
                   least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms
            FROM metrics GROUP BY organization_id, start_at, database_connection_id
        ), bins AS (
            SELECT organization_id, start_at, database_connection_id, entry >> 40 AS bin, sum((entry & 1099511627775)::float8) AS count
            FROM metrics CROSS JOIN LATERAL unnest(histogram) AS entry
            GROUP BY organization_id, start_at, database_connection_id, bin
        ), histograms AS (
            SELECT organization_id, start_at, database_connection_id,
                   string_agg(histogram_entry_bytes(bin << 40 | least(count, 1099511627775)::bigint), '' ORDER BY bin) AS histogram
            FROM bins GROUP BY organization_id, start_at, database_connection_id
        )
        SELECT organization_id, $1, start_at, database_connection_id, calls, slow_calls, total_ms, histogram
        FROM sums LEFT JOIN histograms USING (organization_id, start_at, database_connection_id)
        ORDER BY organization_id, start_at, database_connection_id $sql$,
        CASE WHEN only_changed THEN 'stale.start_at' ELSE 'query_pack_start($1, metric.bucket_at)' END,
        CASE WHEN only_changed THEN $sql$
            query_packs_stale AS stale
            CROSS JOIN LATERAL (
                SELECT * FROM query_metrics AS metric
                WHERE metric.organization_id = stale.organization_id AND metric.database_connection_id = stale.database_connection_id
                  AND metric.resolution_s = $2 AND metric.bucket_at >= stale.start_at
                  AND metric.bucket_at < stale.start_at + make_interval(secs => $1)
                OFFSET 0) AS metric
            WHERE stale.width_s = $1 $sql$
        ELSE 'query_metrics AS metric WHERE metric.resolution_s = $2 AND metric.bucket_at >= $3 AND metric.bucket_at < $4' END)
    USING width, resolution, from_at, to_at;
END $$;

-- Add to the strips what rollups of [from_at, to_at) say: hours or days that are over and in no strip yet. only_changed: make
-- the strips of query_strips_stale, which must be gone, up to to_at instead.
CREATE FUNCTION query_strips_make(cell bigint, from_at timestamptz, to_at timestamptz, only_changed boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    strip CONSTANT bigint := query_strip_s(cell);
    cells CONSTANT text := $sql$
        SELECT organization_id, sql_hash, $1 AS cell_s, start_at, database_connection_id,
               string_agg(int4send(place) || int8send(calls) || int8send(slow_calls) || float8send(total_ms), '' ORDER BY place) AS sums,
               string_agg(int8send(rows_examined) || int8send(rows_returned) || int8send(blocks_hit) || int8send(blocks_read)
                          || float8send(max_ms), '' ORDER BY place) AS details,
               coalesce(string_agg(int4send(place) || int4send(length(histogram)) || histogram, '' ORDER BY place), '') AS histograms
        FROM (SELECT metric.organization_id, metric.sql_hash, metric.database_connection_id, metric.calls, metric.slow_calls, metric.total_ms,
                     metric.rows_examined, metric.rows_returned, metric.blocks_hit, metric.blocks_read, metric.max_ms,
                     histogram_bytes(metric.histogram) AS histogram, block.start_at,
                     (extract(epoch FROM metric.bucket_at - block.start_at)::bigint / $1)::int AS place
              FROM %s) AS cell
        GROUP BY organization_id, sql_hash, start_at, database_connection_id
        ORDER BY organization_id, sql_hash, start_at, database_connection_id $sql$;
    columns CONSTANT text := '(organization_id, sql_hash, cell_s, start_at, database_connection_id, sums, details, histograms)';
BEGIN
    IF only_changed THEN
        EXECUTE 'INSERT INTO query_strips ' || columns || format(cells, $sql$
            query_strips_stale AS stale
            CROSS JOIN LATERAL (SELECT stale.start_at) AS block
            CROSS JOIN LATERAL (
                SELECT * FROM query_fingerprint_metrics AS metric
                WHERE metric.organization_id = stale.organization_id AND metric.sql_hash = stale.sql_hash
                  AND metric.database_connection_id = stale.database_connection_id AND metric.resolution_s = $1
                  AND metric.bucket_at >= stale.start_at AND metric.bucket_at < stale.start_at + make_interval(secs => $2)
                  AND metric.bucket_at < $4
                OFFSET 0) AS metric
            WHERE stale.cell_s = $1 $sql$)
        USING cell, strip, from_at, to_at;
    ELSE
        EXECUTE 'INSERT INTO query_strips AS known ' || columns || format(cells, $sql$
            query_fingerprint_metrics AS metric
            CROSS JOIN LATERAL (SELECT query_pack_start($2, metric.bucket_at) AS start_at) AS block
            WHERE metric.resolution_s = $1 AND metric.bucket_at >= $3 AND metric.bucket_at < $4 $sql$) || $sql$
            ON CONFLICT (organization_id, sql_hash, cell_s, start_at, database_connection_id) DO UPDATE
            SET sums = known.sums || excluded.sums, details = known.details || excluded.details,
                histograms = known.histograms || excluded.histograms $sql$
        USING cell, strip, from_at, to_at;
    END IF;
END $$;

-- Connections' own strips, as query_strips_make; of connection_strips_stale.
CREATE FUNCTION connection_strips_make(cell bigint, from_at timestamptz, to_at timestamptz, only_changed boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($sql$
        INSERT INTO connection_strips AS known (organization_id, cell_s, start_at, database_connection_id, sums)
        SELECT organization_id, $1, start_at, database_connection_id,
               string_agg(int4send(place) || int8send(calls) || int8send(slow_calls) || float8send(total_ms), '' ORDER BY place)
        FROM (SELECT metric.organization_id, metric.database_connection_id, metric.calls, metric.slow_calls, metric.total_ms, block.start_at,
                     (extract(epoch FROM metric.bucket_at - block.start_at)::bigint / $1)::int AS place
              FROM %s) AS cell
        GROUP BY organization_id, start_at, database_connection_id
        ORDER BY organization_id, start_at, database_connection_id
        ON CONFLICT (organization_id, cell_s, start_at, database_connection_id) DO UPDATE SET sums = known.sums || excluded.sums $sql$,
        CASE WHEN only_changed THEN $sql$
            connection_strips_stale AS stale
            CROSS JOIN LATERAL (SELECT stale.start_at) AS block
            CROSS JOIN LATERAL (
                SELECT * FROM query_metrics AS metric
                WHERE metric.organization_id = stale.organization_id AND metric.database_connection_id = stale.database_connection_id
                  AND metric.resolution_s = $1 AND metric.bucket_at >= stale.start_at
                  AND metric.bucket_at < stale.start_at + make_interval(secs => $2) AND metric.bucket_at < $4
                OFFSET 0) AS metric
            WHERE stale.cell_s = $1 $sql$
        ELSE $sql$
            query_metrics AS metric
            CROSS JOIN LATERAL (SELECT query_pack_start($2, metric.bucket_at) AS start_at) AS block
            WHERE metric.resolution_s = $1 AND metric.bucket_at >= $3 AND metric.bucket_at < $4 $sql$ END)
    USING cell, connection_strip_s(cell), from_at, to_at;
END $$;

-- Pack what has changed, and what has ended since the last time. For the end of every transaction that changes rollups.
CREATE OR REPLACE FUNCTION query_packs_refresh(until timestamptz DEFAULT clock_timestamp() - interval '20 seconds') RETURNS void
LANGUAGE plpgsql AS $$
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

-- What has changed is found row by row, whatever else its transaction wants of plans.
ALTER FUNCTION query_packs_refresh(timestamptz) SET enable_nestloop = on;

-- Pack everything anew.
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

-- Strips of hours go as packs of hours do; a connection's own packs when retention has taken their rollups (connection_packs_note).
ALTER FUNCTION query_packs_trim() RENAME TO query_packs_trim_fingerprints;
CREATE FUNCTION query_packs_trim() RETURNS void LANGUAGE sql AS $$
    SELECT query_packs_trim_fingerprints();
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

-- Rollups of a period in parts, as fingerprint_facts, each with its bucket and its distribution.
CREATE FUNCTION fingerprint_cells(fine_from timestamptz, fine_to timestamptz, hour_from timestamptz, hour_to timestamptz,
                                  day_from timestamptz, day_to timestamptz, late_hour_from timestamptz, late_hour_to timestamptz,
                                  late_fine_from timestamptz, late_fine_to timestamptz)
RETURNS TABLE (organization_id bigint, database_connection_id bigint, sql_hash uuid, resolution_s int, bucket_at timestamptz,
               calls bigint, slow_calls bigint, total_ms double precision, max_ms double precision, rows_examined bigint,
               rows_returned bigint, blocks_hit bigint, blocks_read bigint, histogram bigint[])
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms, max_ms,
           rows_examined, rows_returned, blocks_hit, blocks_read, histogram
    FROM query_fingerprint_metrics WHERE resolution_s = 300 AND bucket_at >= $1 AND bucket_at < $2
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms, max_ms,
           rows_examined, rows_returned, blocks_hit, blocks_read, histogram
    FROM query_fingerprint_metrics WHERE resolution_s = 3600 AND bucket_at >= $3 AND bucket_at < $4
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms, max_ms,
           rows_examined, rows_returned, blocks_hit, blocks_read, histogram
    FROM query_fingerprint_metrics WHERE resolution_s = 86400 AND bucket_at >= $5 AND bucket_at < $6
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms, max_ms,
           rows_examined, rows_returned, blocks_hit, blocks_read, histogram
    FROM query_fingerprint_metrics WHERE resolution_s = 3600 AND bucket_at >= $7 AND bucket_at < $8
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, calls, slow_calls, total_ms, max_ms,
           rows_examined, rows_returned, blocks_hit, blocks_read, histogram
    FROM query_fingerprint_metrics WHERE resolution_s = 300 AND bucket_at >= $9 AND bucket_at < $10
$$;

-- Their bytes are rollups' bytes.
CREATE OR REPLACE FUNCTION table_group(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN name ~ '^slow_queries_raw' THEN 'samples'
                WHEN name ~ '^(query_fingerprint_metrics|query_metrics|query_pack|query_strips|connection_(packs|strips)|rollup_deltas)' THEN 'rollups'
                WHEN name ~ '^query_fingerprint' THEN 'text'
                WHEN name ~ '^query_plans' THEN 'plans'
                WHEN name ~ '^legacy_' THEN 'legacy'
                ELSE 'other' END
$$;

SELECT potto_wall('query_strips'), potto_wall('query_pack_details'), potto_wall('connection_packs'), potto_wall('connection_strips');

SELECT query_packs_rebuild();
