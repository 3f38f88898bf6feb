-- Functions in the schema `bench` that make the data for dev/bench read. Run as the owner.
-- begin(fingerprints, samples, days) makes teams, users, connections and fingerprints. load_day(day) makes the samples
-- of a day and their sums; call it once for each day, in any order and from several sessions. finish() makes the rest.
--
-- The n-th fingerprint has 1/n of the first one's samples (Zipf) and is on one to three of 100 connections. The load
-- has a daily rhythm, with four times as many samples at its peak as at its lowest. There are two callers: one in the
-- team of 5 connections, one in the teams of all; both sign in with the first admin's password.
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;

CREATE TABLE bench.settings (organization_id bigint, from_at timestamptz, to_at timestamptz, days int);
CREATE TABLE bench.fingerprints (number int, sql_hash uuid, connection_ids bigint[], per_day double precision,
                                 base_ms double precision);
CREATE TABLE bench.sums (LIKE query_fingerprint_metrics INCLUDING GENERATED INCLUDING DEFAULTS);
CREATE TABLE bench.connection_sums (LIKE query_metrics INCLUDING GENERATED INCLUDING DEFAULTS);
CREATE TABLE bench.seen (sql_hash uuid, database_connection_id bigint, first_at timestamptz, last_at timestamptz);

CREATE FUNCTION bench.begin(fingerprint_count int, sample_count bigint,
                            day_count int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    organization bigint := (SELECT min(id) FROM organizations);
    weights      double precision := (SELECT sum(1.0 / n) FROM generate_series(1, fingerprint_count) AS n);
    child        record;
BEGIN
    -- Drop the partitions of older data; load_day and maintenance make new ones.
    FOR child IN SELECT name FROM partitions_of('slow_queries_raw') UNION ALL
                 SELECT name FROM partitions_of('query_fingerprint_metrics_5m') LOOP
        EXECUTE format('DROP TABLE %s', child.name);
    END LOOP;
    TRUNCATE slow_queries_raw, query_fingerprint_metrics, query_metrics, query_fingerprints,
             query_fingerprint_connections, rollup_deltas;
    IF to_regprocedure('query_segments_rebuild()') IS NOT NULL THEN
        PERFORM query_segments_rebuild();
    END IF;
    DELETE FROM bench.settings;
    INSERT INTO bench.settings
    VALUES (organization, date_bin('5 minutes', now(), '2000-01-01 00:00+00') - make_interval(days => day_count),
            date_bin('5 minutes', now(), '2000-01-01 00:00+00'), day_count);

    INSERT INTO teams (organization_id, name) VALUES (organization, 'bench few'), (organization, 'bench rest')
        ON CONFLICT DO NOTHING;
    INSERT INTO users (organization_id, email, role, password_hash)
    SELECT organization, email, 'viewer', (SELECT password_hash FROM users WHERE role = 'admin' ORDER BY id LIMIT 1)
    FROM (VALUES ('bench5@localhost'), ('bench100@localhost')) AS caller (email)
    WHERE NOT EXISTS (SELECT FROM users AS known WHERE known.email = caller.email);
    INSERT INTO team_members (organization_id, team_id, user_id)
    SELECT organization, team.id, person.id FROM teams AS team, users AS person
    WHERE team.organization_id = organization AND person.organization_id = organization
      AND (team.name = 'bench few' AND person.email = 'bench5@localhost'
           OR team.name IN ('bench few', 'bench rest') AND person.email = 'bench100@localhost')
    ON CONFLICT DO NOTHING;
    INSERT INTO database_connections (organization_id, name, engine, team_id, visibility_scope)
    SELECT organization, format('bench %s', n),
           (ARRAY ['postgresql', 'mysql'])[1 + n % 2]::database_engine, team.id, 'TEAM_ONLY'
    FROM generate_series(0, 99) AS n
    JOIN teams AS team ON team.organization_id = organization
                      AND team.name = CASE WHEN n % 20 = 0 THEN 'bench few' ELSE 'bench rest' END
    WHERE NOT EXISTS (SELECT FROM database_connections WHERE organization_id = organization
                      AND name = format('bench %s', n));

    INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, statement_kind, tables)
    SELECT organization, md5('bench ' || n)::uuid,
           format('SELECT %s FROM table_%s JOIN table_%s ON table_%2$s.id = table_%3$s.parent_id '
                  'WHERE table_%2$s.column_%s = ? '
                  'AND table_%3$s.state IN (...) ORDER BY table_%2$s.created_at DESC LIMIT ?',
                  (SELECT string_agg('column_' || (n * c) % 97, ', ') FROM generate_series(1, 6) AS c), n % 300,
           n % 301, n),
           (ARRAY ['select', 'select', 'select', 'update', 'insert'])[1 + n % 5],
           ARRAY ['table_' || n % 300, 'table_' || n % 301]
    FROM generate_series(1, fingerprint_count) AS n;
    TRUNCATE bench.fingerprints;
    INSERT INTO bench.fingerprints
    SELECT n, md5('bench ' || n)::uuid,
           ARRAY (SELECT id FROM database_connections
                  WHERE organization_id = organization
                    AND name IN (SELECT format('bench %s', (n * 37 + c * 61) % 100)
                                 FROM generate_series(0, n % 3) AS c)),
           sample_count / (n * weights * day_count), 5 + (n * 7919) % 2000
    FROM generate_series(1, fingerprint_count) AS n;
    TRUNCATE bench.sums, bench.connection_sums, bench.seen;
END $$;

-- Makes the samples of a day and their five-minute sums. Sums of hours, days and connections are kept for finish().
CREATE FUNCTION bench.load_day(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    setting   bench.settings;
    day_at    timestamptz := day::timestamp AT TIME ZONE 'UTC';
    samples   text := 'slow_queries_raw_' || to_char(day, 'YYYYMMDD');
    fine      text := 'query_fingerprint_metrics_5m_' || to_char(day, 'YYYYMMDD');
    columns   text := 'organization_id, database_connection_id, sql_hash, resolution_s, bucket_at, counter_calls,
                       counter_ms, counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned,
                       counter_rows, sample_rows, blocks_hit, blocks_read, histogram';
BEGIN
    SELECT * INTO setting FROM bench.settings;
    PERFORM setseed((day - '2000-01-01'::date) / 100000.0);
    SET LOCAL work_mem = '256MB';
    SET LOCAL maintenance_work_mem = '256MB';
    EXECUTE format('CREATE TABLE %I (LIKE slow_queries_raw INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', samples);
    EXECUTE format($sql$
        INSERT INTO %I (organization_id, id, database_connection_id, captured_at, sql_hash, sample_digest, duration_ms,
                        rows_examined, rows_returned, full_sql, user_host, provenance)
        SELECT $1, ($2 - '2000-01-01'::date) * 10000000::bigint + row_number() OVER (ORDER BY at), connection_id, at,
               sql_hash, hashint8extended(row_number() OVER (ORDER BY at), 0),
               duration_ms, (duration_ms * 100)::bigint, (duration_ms)::bigint %% 100,
               format('SELECT * FROM table_%%s WHERE column_%%s = %%s AND state IN (''open'', ''held'') '
                      'ORDER BY created_at DESC LIMIT 50',
                      number %% 300, number, (duration_ms * 1000)::bigint), 'app@10.0.0.1', 1
        FROM (SELECT number, sql_hash,
              connection_ids[1 + floor(random() * cardinality(connection_ids))::int] AS connection_id,
                     $3 + make_interval(secs => 86400 * (u - 0.6 * sin(2 * pi() * u) / (2 * pi()))) AS at,
                     round((base_ms * (0.2 - ln(1 - random())))::numeric, 3)::float8 AS duration_ms
              FROM (SELECT number, sql_hash, connection_ids, base_ms, random() AS u
                    FROM bench.fingerprints
                    CROSS JOIN LATERAL generate_series(
                        1, (floor(per_day) + (random() < per_day - floor(per_day))::int)::int)) AS drawn) AS made
        WHERE at >= $4 AND at < $5
        ORDER BY at $sql$, samples)
    USING setting.organization_id, day, day_at, setting.from_at, setting.to_at;
    EXECUTE format('ALTER TABLE slow_queries_raw ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', samples, day_at,
                   day_at + interval '1 day');
    EXECUTE format($sql$
        CREATE TEMP TABLE bins ON COMMIT DROP AS
        SELECT database_connection_id, sql_hash, date_bin('5 minutes', captured_at, '2000-01-01 00:00+00') AS fine_at,
               histogram_bin(duration_ms)::bigint AS bin, count(*) AS calls,
               sum(round(duration_ms * 16384) / 16384) AS ms, max(duration_ms) AS max_ms,
               sum(rows_examined)::bigint AS rows_examined, sum(rows_returned)::bigint AS rows_returned
        FROM %I GROUP BY 1, 2, 3, 4 $sql$, samples);
    EXECUTE format('CREATE TABLE %I (LIKE query_fingerprint_metrics '
                   'INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED)', fine);
    EXECUTE format($sql$
        INSERT INTO %I (%s)
        SELECT $1, database_connection_id, sql_hash, 300, fine_at, 0, 0, 0, sum(calls), sum(ms), max(max_ms),
               sum(rows_examined),
               sum(rows_returned), 0, sum(rows_returned), 0, 0, array_agg(bin << 40 | calls ORDER BY bin)
        FROM bins GROUP BY database_connection_id, sql_hash, fine_at
        ORDER BY database_connection_id, fine_at, sql_hash $sql$, fine, columns)
    USING setting.organization_id;
    EXECUTE format('ALTER TABLE query_fingerprint_metrics_5m ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', fine,
                   day_at, day_at + interval '1 day');
    EXECUTE format($sql$
        INSERT INTO bench.sums (%s)
        SELECT $1, database_connection_id, sql_hash, resolution_s, bucket_at, 0, 0, 0, sum(calls), sum(ms), max(max_ms),
               sum(rows_examined), sum(rows_returned), 0, sum(rows_returned), 0, 0,
               array_agg(bin << 40 | calls ORDER BY bin)
        FROM (SELECT database_connection_id, sql_hash, seconds AS resolution_s,
                     date_bin(make_interval(secs => seconds), fine_at, '2000-01-01 00:00+00') AS bucket_at, bin,
                     sum(calls)::bigint AS calls, sum(ms) AS ms, max(max_ms) AS max_ms,
                     sum(rows_examined) AS rows_examined, sum(rows_returned) AS rows_returned
              FROM bins CROSS JOIN (VALUES (3600), (86400)) AS resolution (seconds)
              GROUP BY 1, 2, 3, 4, 5) AS wide
        GROUP BY resolution_s, database_connection_id, bucket_at, sql_hash $sql$, columns)
    USING setting.organization_id;
    INSERT INTO bench.connection_sums (organization_id, database_connection_id, resolution_s, bucket_at, counter_calls,
                                       counter_ms, counter_slow_calls, sample_calls, sample_ms, histogram)
    SELECT setting.organization_id, database_connection_id, resolution_s, bucket_at, 0, 0, 0, sum(calls), sum(ms),
           array_agg(bin << 40 | calls ORDER BY bin)
    FROM (SELECT database_connection_id, seconds AS resolution_s,
                 date_bin(make_interval(secs => seconds), fine_at, '2000-01-01 00:00+00') AS bucket_at, bin,
                 sum(calls)::bigint AS calls, sum(ms) AS ms
          FROM bins CROSS JOIN (VALUES (300), (3600), (86400)) AS resolution (seconds)
          GROUP BY 1, 2, 3, 4) AS wide
    GROUP BY database_connection_id, resolution_s, bucket_at;
    INSERT INTO bench.seen
    SELECT sql_hash, database_connection_id, min(fine_at), max(fine_at) FROM bins
    GROUP BY sql_hash, database_connection_id;
    DROP TABLE bins;
END $$;

CREATE FUNCTION bench.finish() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    setting bench.settings;
    columns text;
BEGIN
    SELECT * INTO setting FROM bench.settings;
    PERFORM ensure_partitions('query_fingerprint_metrics_1h', 'bucket_at', 'month',
                              setting.from_at::date, setting.to_at::date);
    PERFORM ensure_sample_partitions(setting.to_at::date, setting.to_at::date + 3);
    PERFORM ensure_partitions('query_fingerprint_metrics_5m', 'bucket_at', 'day', setting.to_at::date,
                              setting.to_at::date + 3);
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = 'query_fingerprint_metrics'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    ALTER TABLE query_fingerprint_metrics DISABLE TRIGGER USER;
    EXECUTE format('INSERT INTO query_fingerprint_metrics (%1$s) SELECT %1$s FROM bench.sums
                    ORDER BY resolution_s, database_connection_id, bucket_at, sql_hash', columns);
    ALTER TABLE query_fingerprint_metrics ENABLE TRIGGER USER;
    ALTER TABLE query_metrics DISABLE TRIGGER USER;
    INSERT INTO query_metrics (organization_id, database_connection_id, resolution_s, bucket_at, counter_calls,
                               counter_ms, counter_slow_calls, sample_calls, sample_ms, histogram)
    SELECT organization_id, database_connection_id, resolution_s, bucket_at, counter_calls, counter_ms,
           counter_slow_calls, sample_calls, sample_ms, histogram
    FROM bench.connection_sums;
    ALTER TABLE query_metrics ENABLE TRIGGER USER;
    INSERT INTO query_fingerprint_connections (organization_id, database_connection_id, sql_hash,
                                               first_seen_at, last_seen_at)
    SELECT setting.organization_id, database_connection_id, sql_hash, min(first_at), max(last_at)
    FROM bench.seen GROUP BY database_connection_id, sql_hash;
    PERFORM setval(pg_get_serial_sequence('slow_queries_raw', 'id'), 1000000000000);
    TRUNCATE bench.sums, bench.connection_sums, bench.seen;
    IF to_regprocedure('query_segments_rebuild()') IS NOT NULL THEN
        PERFORM query_segments_rebuild();
    END IF;
END $$;
