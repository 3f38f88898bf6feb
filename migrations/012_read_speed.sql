-- Packs: what a connection's fingerprints add up to in blocks of time that are over, one row for each block, so that the top
-- queries of a month over a hundred connections are a few thousand rows and not a few hundred thousand
-- (docs/performance.md). They are derived from query_fingerprint_metrics and never ahead of it: whoever changes a rollup
-- of a packed time leaves a note (a trigger), and the fold's transaction packs those blocks anew before it commits.

-- Short names of fingerprints within packs, dense in each organization.
CREATE TABLE query_pack_numbers (
    organization_id bigint NOT NULL,
    number          int NOT NULL, -- from 1
    sql_hash        uuid NOT NULL,
    PRIMARY KEY (organization_id, number),
    UNIQUE (organization_id, sql_hash)
);

-- Widths are 300, 900, 3600 times 1, 2, 4, 8 and 86400 times 1, 2, 4, 8, 16, 32, aligned at 2000-01-01 UTC; made of the
-- five-minute, hourly and daily rollups. lib/store/query_packs.c reads them.
CREATE TABLE query_packs (
    organization_id        bigint NOT NULL,
    width_s                bigint NOT NULL, -- as the reader compares it: a cast would not reach the index behind the wall
    start_at               timestamptz NOT NULL,
    database_connection_id bigint NOT NULL,
    calls                  bigint NOT NULL,
    slow_calls             bigint NOT NULL,
    total_ms               double precision NOT NULL,
    numbers                bytea NOT NULL, -- int4send of each number, ascending
    fingerprint_ms         bytea NOT NULL, -- float8send of its total_ms, in the same order
    fingerprint_calls      bytea NOT NULL, -- int8send of its calls
    PRIMARY KEY (organization_id, width_s, start_at, database_connection_id)
) WITH (toast_tuple_target = 8160); -- most packs lie in their row: one read less each
ALTER TABLE query_packs ALTER COLUMN numbers SET STORAGE EXTERNAL, ALTER COLUMN fingerprint_ms SET STORAGE EXTERNAL,
                        ALTER COLUMN fingerprint_calls SET STORAGE EXTERNAL;

-- Blocks that end by then are packed.
CREATE TABLE query_pack_state (packed_until timestamptz NOT NULL);
INSERT INTO query_pack_state VALUES ('2000-01-01 00:00:00+00');

-- Rollups of packed times that have changed since.
CREATE TABLE query_pack_changes (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    resolution_s           int NOT NULL,
    bucket_at              timestamptz NOT NULL
);

-- The widths of packs, and of which rollups each is made.
CREATE FUNCTION query_pack_widths() RETURNS TABLE (width_s bigint, resolution_s int) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES (300::bigint, 300), (900, 300), (3600, 3600), (7200, 3600), (14400, 3600), (28800, 3600), (86400, 86400), (172800, 86400), (345600, 86400),
           (691200, 86400), (1382400, 86400), (2764800, 86400)
$$;
CREATE FUNCTION query_pack_start(width_s bigint, at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_bin(make_interval(secs => width_s), at, '2000-01-01 00:00:00+00')
$$;

-- For the API, which has no business in the table.
CREATE FUNCTION query_packs_until() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT packed_until FROM query_pack_state
$$;

-- After every statement that changes rollups: numbers for new fingerprints, notes about packed times.
CREATE FUNCTION query_packs_note() RETURNS trigger LANGUAGE plpgsql AS $$
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
    INSERT INTO query_pack_changes (organization_id, database_connection_id, resolution_s, bucket_at)
    SELECT DISTINCT organization_id, database_connection_id, resolution_s, bucket_at
    FROM changed WHERE bucket_at < packed;
    RETURN NULL;
END $$;
CREATE TRIGGER query_packs_note_insert AFTER INSERT ON query_fingerprint_metrics
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_packs_note();
CREATE TRIGGER query_packs_note_update AFTER UPDATE ON query_fingerprint_metrics
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_packs_note();
CREATE TRIGGER query_packs_note_delete AFTER DELETE ON query_fingerprint_metrics
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION query_packs_note();

-- Pack blocks of one width that start in [from_at, to_at); only_changed: those of query_packs_stale alone, else of all
-- connections. What is packed of them already must be gone.
CREATE FUNCTION query_packs_make(width bigint, resolution int, from_at timestamptz, to_at timestamptz, only_changed boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO query_packs (organization_id, width_s, start_at, database_connection_id, calls, slow_calls, total_ms, numbers,
                             fingerprint_ms, fingerprint_calls)
    SELECT organization_id, width, start_at, database_connection_id, least(sum(calls), 9e18)::bigint, least(sum(slow_calls), 9e18)::bigint,
           sum(total_ms), string_agg(int4send(number), ''), string_agg(float8send(total_ms), ''), string_agg(int8send(calls), '')
    FROM (SELECT metric.organization_id, query_pack_start(width, metric.bucket_at) AS start_at, metric.database_connection_id,
                 known.number, least(sum(metric.calls), 9e18)::bigint AS calls,
                 least(sum(metric.slow_calls), 9e18)::bigint AS slow_calls, sum(metric.total_ms) AS total_ms
          FROM query_fingerprint_metrics AS metric
          JOIN query_pack_numbers AS known ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
          WHERE metric.resolution_s = resolution AND metric.bucket_at >= from_at AND metric.bucket_at < to_at AND NOT only_changed
          GROUP BY 1, 2, 3, 4
          ORDER BY 1, 2, 3, 4) AS summed
    WHERE NOT only_changed
    GROUP BY organization_id, start_at, database_connection_id;
    IF only_changed THEN
        INSERT INTO query_packs (organization_id, width_s, start_at, database_connection_id, calls, slow_calls, total_ms, numbers,
                                 fingerprint_ms, fingerprint_calls)
        SELECT stale.organization_id, width, stale.start_at, stale.database_connection_id, summed.calls, summed.slow_calls,
               summed.total_ms, summed.numbers, summed.fingerprint_ms, summed.fingerprint_calls
        FROM query_packs_stale AS stale
        CROSS JOIN LATERAL (
            SELECT least(sum(calls), 9e18)::bigint AS calls, least(sum(slow_calls), 9e18)::bigint AS slow_calls,
                   sum(total_ms) AS total_ms, string_agg(int4send(number), '') AS numbers,
                   string_agg(float8send(total_ms), '') AS fingerprint_ms, string_agg(int8send(calls), '') AS fingerprint_calls
            FROM (SELECT known.number, least(sum(metric.calls), 9e18)::bigint AS calls,
                         least(sum(metric.slow_calls), 9e18)::bigint AS slow_calls, sum(metric.total_ms) AS total_ms
                  FROM query_fingerprint_metrics AS metric
                  JOIN query_pack_numbers AS known
                      ON known.organization_id = metric.organization_id AND known.sql_hash = metric.sql_hash
                  WHERE metric.resolution_s = resolution AND metric.organization_id = stale.organization_id
                    AND metric.database_connection_id = stale.database_connection_id AND metric.bucket_at >= stale.start_at
                    AND metric.bucket_at < stale.start_at + make_interval(secs => width)
                  GROUP BY 1 ORDER BY 1) AS fingerprint) AS summed
        WHERE stale.width_s = width AND summed.numbers IS NOT NULL;
    END IF;
END $$;

-- Pack what has changed, and what has ended since the last time. For the end of every transaction that changes rollups.
CREATE FUNCTION query_packs_refresh(until timestamptz DEFAULT clock_timestamp() - interval '20 seconds') RETURNS void
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
        WITH changes AS (
            DELETE FROM query_pack_changes RETURNING organization_id, database_connection_id, resolution_s, bucket_at
        )
        INSERT INTO query_packs_stale
        SELECT DISTINCT changes.organization_id, changes.database_connection_id, known.width_s,
               query_pack_start(known.width_s, changes.bucket_at)
        FROM changes JOIN query_pack_widths() AS known ON known.resolution_s = changes.resolution_s
        WHERE query_pack_start(known.width_s, changes.bucket_at) + make_interval(secs => known.width_s) <= packed;
        DELETE FROM query_packs AS pack USING query_packs_stale AS stale
        WHERE pack.organization_id = stale.organization_id AND pack.width_s = stale.width_s AND pack.start_at = stale.start_at
          AND pack.database_connection_id = stale.database_connection_id;
        FOR level IN SELECT known.width_s, known.resolution_s FROM query_pack_widths() AS known
                     WHERE EXISTS (SELECT FROM query_packs_stale AS stale WHERE stale.width_s = known.width_s) LOOP
            PERFORM query_packs_make(level.width_s, level.resolution_s, NULL, NULL, true);
        END LOOP;
        DROP TABLE query_packs_stale;
    END IF;
    IF ends > packed THEN
        FOR level IN SELECT width_s, resolution_s FROM query_pack_widths() AS known
                     WHERE query_pack_start(known.width_s, ends) > query_pack_start(known.width_s, packed) LOOP
            PERFORM query_packs_make(level.width_s, level.resolution_s, query_pack_start(level.width_s, packed),
                                     query_pack_start(level.width_s, ends), false);
        END LOOP;
        UPDATE query_pack_state SET packed_until = ends;
        IF query_pack_start(86400, ends) > query_pack_start(86400, packed) THEN
            PERFORM query_packs_trim();
        END IF;
    END IF;
END $$;

-- Pack everything anew.
CREATE FUNCTION query_packs_rebuild() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM query_pack_state FOR UPDATE;
    DELETE FROM query_packs;
    DELETE FROM query_pack_changes;
    INSERT INTO query_pack_numbers (organization_id, number, sql_hash)
    SELECT organization_id,
           (SELECT coalesce(max(number), 0) FROM query_pack_numbers AS known WHERE known.organization_id = query.organization_id)
           + row_number() OVER (PARTITION BY organization_id ORDER BY created_at, sql_hash), sql_hash
    FROM query_fingerprints AS query
    WHERE NOT EXISTS (SELECT FROM query_pack_numbers AS known
                      WHERE known.organization_id = query.organization_id AND known.sql_hash = query.sql_hash);
    UPDATE query_pack_state SET packed_until = '2000-01-01 00:00:00+00';
    PERFORM query_packs_refresh();
END $$;

-- Packs of minutes and hours go with the rollups that they are made of. Retention drops those by partition, which no trigger
-- sees; what is older than all partitions lies in the default one.
CREATE FUNCTION query_packs_trim() RETURNS void LANGUAGE sql AS $$
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
$$;

-- Hours of visible connections with samples that are not rolled up yet: a door, since the API may not read deltas.
CREATE FUNCTION sample_hours_unfolded() RETURNS TABLE (database_connection_id bigint, hour_at timestamptz) LANGUAGE sql STABLE
SECURITY DEFINER ROWS 100 SET search_path = public, pg_temp AS $$
    SELECT DISTINCT delta.database_connection_id, date_bin('1 hour', delta.bucket_at, '2000-01-01 00:00:00+00')
    FROM rollup_deltas AS delta
    WHERE delta.organization_id = potto_organization() AND delta.database_connection_id = ANY (potto_connections())
      AND delta.sample_calls > 0
$$;

-- Packs' bytes are rollups' bytes.
CREATE OR REPLACE FUNCTION table_group(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN name ~ '^slow_queries_raw' THEN 'samples'
                WHEN name ~ '^(query_fingerprint_metrics|query_metrics|query_pack|rollup_deltas)' THEN 'rollups'
                WHEN name ~ '^query_fingerprint' THEN 'text'
                WHEN name ~ '^query_plans' THEN 'plans'
                WHEN name ~ '^legacy_' THEN 'legacy'
                ELSE 'other' END
$$;

-- A number is seen by who sees the fingerprint.
SELECT potto_wall('query_packs'), potto_wall('query_pack_changes', ''),
       potto_wall('query_pack_numbers', 'SELECT',
                  'organization_id = (SELECT potto_organization()) AND EXISTS (
                       SELECT FROM query_fingerprint_connections AS seen
                       WHERE seen.organization_id = query_pack_numbers.organization_id
                         AND seen.sql_hash = query_pack_numbers.sql_hash)');

SELECT query_packs_rebuild();
