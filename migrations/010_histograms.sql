-- Latency histograms, time partitions of rollups, retention, the store's own size, literals that are no longer kept.

-- ---- histograms: lib/store/histogram.h ----

-- The bin of a duration: 0 below a microsecond, then bounds that grow by a tenth each, the same as in lib/store/histogram.c. A plain
-- expression and not STRICT, so that the planner puts it in place of the call.
CREATE FUNCTION histogram_bin(duration_ms double precision) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT width_bucket(duration_ms, ARRAY[
        0.001, 0.0011, 0.00121, 0.001331, 0.0014641, 0.00161051, 0.001771561, 0.0019487171, 0.00214358881,
        0.002357947691, 0.0025937424601, 0.00285311670611, 0.003138428376721, 0.0034522712143931, 0.00379749833583241,
        0.004177248169415651, 0.0045949729863572165, 0.005054470284992937, 0.0055599173134922315,
        0.0061159090448414544, 0.0067274999493256, 0.00740024994425816, 0.008140274938683975, 0.008954302432552373,
        0.009849732675807611, 0.010834705943388373, 0.011918176537727209, 0.01310999419149993, 0.014420993610649923,
        0.015863092971714916, 0.01744940226888641, 0.01919434249577505, 0.02111377674535255, 0.02322515441988781,
        0.02554766986187659, 0.02810243684806425, 0.030912680532870673, 0.03400394858615774, 0.037404343444773516,
        0.041144777789250866, 0.04525925556817595, 0.04978518112499355, 0.0547636992374929, 0.06024006916124219,
        0.06626407607736641, 0.07289048368510305, 0.08017953205361336, 0.0881974852589747, 0.09701723378487216,
        0.10671895716335938, 0.11739085287969532, 0.12912993816766485, 0.14204293198443133, 0.15624722518287446,
        0.1718719477011619, 0.1890591424712781, 0.20796505671840593, 0.2287615623902465, 0.25163771862927115,
        0.27680149049219827, 0.3044816395414181, 0.3349298034955599, 0.3684227838451159, 0.4052650622296275,
        0.4457915684525902, 0.49037072529784925, 0.5394077978276342, 0.5933485776103976, 0.6526834353714374,
        0.7179517789085811, 0.7897469567994392, 0.8687216524793832, 0.9555938177273214, 1.0511531995000536,
        1.156268519450059, 1.271895371395065, 1.3990849085345713, 1.5389933993880285, 1.6928927393268314,
        1.8621820132595144, 2.048400214585466, 2.2532402360440127, 2.478564259648414, 2.726420685613255,
        2.9990627541745805, 3.2989690295920386, 3.6288659325512427, 3.991752525806367, 4.390927778387003,
        4.830020556225704, 5.313022611848274, 5.844324873033101, 6.428757360336411, 7.071633096370053,
        7.778796406007058, 8.556676046607764, 9.412343651268541, 10.353578016395394, 11.388935818034934,
        12.527829399838428, 13.78061233982227, 15.158673573804498, 16.674540931184946, 18.34199502430344,
        20.176194526733784, 22.193813979407164, 24.41319537734788, 26.854514915082667, 29.539966406590935,
        32.49396304725003, 35.74335935197503, 39.31769528717253, 43.24946481588979, 47.57441129747877,
        52.33185242722664, 57.56503766994931, 63.32154143694424, 69.65369558063867, 76.61906513870252,
        84.28097165257279, 92.70906881783006, 101.97997569961306, 112.17797326957438, 123.39577059653182,
        135.73534765618498, 149.3088824218035, 164.23977066398385, 180.66374773038223, 198.73012250342046,
        218.6031347537625, 240.46344822913875, 264.5097930520526, 290.9607723572579, 320.05684959298367,
        352.06253455228205, 387.26878800751024, 425.99566680826126, 468.5952334890874, 515.4547568379961,
        567.0002325217957, 623.7002557739753, 686.0702813513728, 754.6773094865101, 830.1450404351611,
        913.1595444786773, 1004.475498926545, 1104.9230488191995, 1215.4153537011193, 1336.9568890712314,
        1470.6525779783544, 1617.71783577619, 1779.4896193538088, 1957.4385812891899, 2153.182439418109,
        2368.5006833599195, 2605.3507516959116, 2865.885826865503, 3152.474409552053, 3467.7218505072583,
        3814.4940355579843, 4195.943439113783, 4615.537783025161, 5077.0915613276775, 5584.8007174604445,
        6143.280789206489, 6757.6088681271385, 7433.369754939852, 8176.706730433837, 8994.377403477221,
        9893.815143824942, 10883.196658207438, 11971.516324028182, 13168.667956431, 14485.5347520741,
        15934.088227281509, 17527.49705000966, 19280.246755010627, 21208.27143051169, 23329.098573562856,
        25662.008430919144, 28228.209274011057, 31051.030201412163, 34156.13322155338, 37571.746543708716,
        41328.92119807959, 45461.81331788755, 50007.9946496763, 55008.79411464393, 60509.67352610833,
        66560.64087871916, 73216.70496659107, 80538.37546325018, 88592.2130095752, 97451.43431053273,
        107196.57774158599, 117916.2355157446, 129707.85906731905, 142678.64497405096, 156946.50947145605,
        172641.16041860165, 189905.2764604618, 208895.804106508, 229785.38451715882, 252763.9229688747,
        278040.31526576215, 305844.34679233836, 336428.78147157223, 370071.65961872943, 407078.8255806024,
        447786.7081386626, 492565.3789525289, 541821.9168477817, 596004.1085325599, 655604.519385816,
        721164.9713243975, 793281.4684568372, 872609.615302521, 959870.576832773, 1055857.6345160503,
        1161443.3979676554, 1277587.737764421, 1405346.5115408632, 1545881.1626949494, 1700469.2789644443,
        1870516.2068608887, 2057567.8275469777, 2263324.6103016753, 2489657.071331843, 2738622.7784650275,
        3012485.05631153, 3313733.561942683, 3645106.9181369515, 4009617.6099506463, 4410579.370945711,
        4851637.308040282, 5336801.038844311, 5870481.142728741, 6457529.257001615, 7103282.182701777,
        7813610.400971955, 8594971.44106915, 9454468.585176066, 10399915.443693671, 11439906.98806304,
        12583897.686869344, 13842287.455556277, 15226516.201111905, 16749167.821223095, 18424084.603345405,
        20266493.063679945, 22293142.37004794, 24522456.607052736, 26974702.267758008, 29672172.494533807,
        32639389.743987188, 35903328.718385905, 39493661.5902245, 43443027.74924695, 47787330.52417164,
        52566063.57658881, 57822669.93424769, 63604936.92767246, 69965430.62043971, 76961973.68248367,
        84658171.05073205, 93123988.15580525, 102436386.97138578, 112680025.66852434, 123948028.23537678,
        136342831.05891445, 149977114.16480592, 164974825.5812865, 181472308.13941514, 199619538.95335665,
        219581492.84869233, 241539642.13356155, 265693606.34691772, 292262966.98160946, 321489263.6797704,
        353638190.0477475, 389002009.05252224, 427902209.95777446, 470692430.9535519, 517761674.0489071,
        569537841.4537978, 626491625.5991776, 689140788.1590953, 758054866.9750049, 833860353.6725054,
        917246389.039756, 1008971027.9437314, 1109868130.7381046, 1220854943.8119152, 1342940438.1931067,
        1477234482.0124173, 1624957930.213659, 1787453723.235025, 1966199095.5585275, 2162819005.11438,
        2379100905.6258183, 2617010996.1884, 2878712095.80724, 3166583305.387964, 3483241635.92676, 3831565799.5194364,
        4214722379.4713798, 4636194617.418518, 5099814079.16037, 5609795487.0764065, 6170775035.784047,
        6787852539.3624525, 7466637793.298697, 8213301572.628567, 9034631729.891424, 9938094902.880566]::double precision[])
$$;

-- Packed distributions, `bin << 40 | count` ascending, added up. NULL: none is known.
CREATE FUNCTION histogram_add(one bigint[], other bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN one IS NULL THEN other
                WHEN other IS NULL THEN one
                ELSE (SELECT array_agg(bin << 40 | least(count, 1099511627775) ORDER BY bin)
                      FROM (SELECT entry >> 40 AS bin, sum((entry & 1099511627775)::float8)::bigint AS count
                            FROM unnest(one || other) AS entry GROUP BY 1) AS bins) END
$$;
CREATE AGGREGATE histogram_sum(bigint[]) (SFUNC = histogram_add, STYPE = bigint[], COMBINEFUNC = histogram_add,
                                          PARALLEL = SAFE);

-- Samples have a distribution; counters (growth of cumulative statistics) have none, and add NULL.
ALTER TABLE rollup_deltas ADD COLUMN histogram bigint[],
                          ADD COLUMN made_at timestamptz NOT NULL DEFAULT now(); -- the oldest one's age is the rollups' lag
ALTER TABLE query_metrics ADD COLUMN histogram bigint[];
-- rows_returned is counter_rows where there are counters, else sample_rows: as calls and total_ms, never the sum of both.
-- rows_examined and max_ms come from samples alone, blocks from counters alone.
ALTER TABLE query_fingerprint_metrics ADD COLUMN histogram bigint[],
                                      ADD COLUMN counter_rows bigint NOT NULL DEFAULT 0,
                                      ADD COLUMN sample_rows bigint NOT NULL DEFAULT 0;
UPDATE query_fingerprint_metrics SET counter_rows = CASE WHEN counter_calls > 0 THEN rows_returned ELSE 0 END,
                                     sample_rows = CASE WHEN counter_calls > 0 THEN 0 ELSE rows_returned END
WHERE rows_returned <> 0;

-- ---- partitions ----

-- Make partitions of `parent`, one for each `unit` (day, month) of [first_day, last_day]; rows of theirs that lie in the default
-- partition move. A time that another partition covers is left alone. Comes back: how many were made. Safe to call at any
-- time and from several sessions.
CREATE FUNCTION ensure_partitions(parent regclass, time_column name, unit text, first_day date, last_day date) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    step      CONSTANT interval := ('1 ' || unit)::interval;
    format_of CONSTANT text := CASE unit WHEN 'month' THEN 'YYYYMM' ELSE 'YYYYMMDD' END;
    from_at   timestamp := date_trunc(unit, first_day::timestamp);
    partition text;
    columns   text;
    made      int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('ensure_partitions'));
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = parent AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    WHILE from_at <= last_day LOOP
        partition := parent::text || '_' || to_char(from_at, format_of);
        IF to_regclass(partition) IS NULL THEN
            BEGIN
                EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED) '
                               'WITH (fillfactor = %s)',
                               partition, parent, CASE time_column WHEN 'bucket_at' THEN 70 ELSE 100 END);
                EXECUTE format('WITH moved AS (DELETE FROM %1$s_default WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING %5$s)
                                INSERT INTO %6$I (%5$s) SELECT %5$s FROM moved',
                               parent, time_column, from_at AT TIME ZONE 'UTC', (from_at + step) AT TIME ZONE 'UTC', columns,
                               partition);
                EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, partition,
                               from_at AT TIME ZONE 'UTC', (from_at + step) AT TIME ZONE 'UTC');
                made := made + 1;
            EXCEPTION WHEN invalid_object_definition THEN -- overlaps another one
            END;
        END IF;
        from_at := from_at + step;
    END LOOP;
    RETURN made;
END $$;

CREATE OR REPLACE FUNCTION ensure_sample_partitions(first_day date, last_day date) RETURNS int LANGUAGE sql AS $$
    SELECT ensure_partitions('slow_queries_raw', 'captured_at', 'day', first_day, last_day)
$$;

-- The partitions of a table that end at a time, by that time; default and open ones have none.
CREATE FUNCTION partitions_of(parent regclass) RETURNS TABLE (name regclass, until timestamptz) LANGUAGE sql STABLE AS $$
    SELECT name, until
    FROM (SELECT class.oid::regclass AS name, pg_get_expr(class.relpartbound, class.oid) AS bound
          FROM pg_inherits JOIN pg_class AS class ON class.oid = pg_inherits.inhrelid
          WHERE pg_inherits.inhparent = parent) AS child
    CROSS JOIN LATERAL (SELECT (regexp_match(bound, 'TO \(''([^'']+)''\)'))[1]::timestamptz AS until) AS ends
    WHERE until IS NOT NULL AND bound !~ 'MINVALUE'
$$;

-- Five minutes by day, hours by month; days stay whole.
DO $$
DECLARE
    resolution record;
    columns    text;
    first_day  date;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = 'query_fingerprint_metrics'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    FOR resolution IN SELECT * FROM (VALUES ('query_fingerprint_metrics_5m', 300, 'day', 40, 3),
                                            ('query_fingerprint_metrics_1h', 3600, 'month', 400, 40))
                                    AS known (name, seconds, unit, days_back, days_ahead) LOOP
        EXECUTE format('ALTER TABLE query_fingerprint_metrics DETACH PARTITION %I', resolution.name);
        EXECUTE format('ALTER TABLE %I RENAME TO %I', resolution.name, resolution.name || '_whole');
        EXECUTE format('CREATE TABLE %I PARTITION OF query_fingerprint_metrics FOR VALUES IN (%s) PARTITION BY RANGE (bucket_at)',
                       resolution.name, resolution.seconds);
        EXECUTE format('CREATE TABLE %1$s_default PARTITION OF %1$s DEFAULT WITH (fillfactor = 70)', resolution.name);
        EXECUTE format('SELECT min(bucket_at)::date FROM %I WHERE bucket_at > now() - make_interval(days => %s)',
                       resolution.name || '_whole', resolution.days_back) INTO first_day;
        PERFORM ensure_partitions(resolution.name::regclass, 'bucket_at', resolution.unit,
                                  coalesce(first_day, (now() AT TIME ZONE 'UTC')::date),
                                  (now() AT TIME ZONE 'UTC')::date + resolution.days_ahead);
        EXECUTE format('INSERT INTO query_fingerprint_metrics (%1$s) SELECT %1$s FROM %2$I', columns, resolution.name || '_whole');
        EXECUTE format('DROP TABLE %I', resolution.name || '_whole');
    END LOOP;
END $$;

-- ---- retention ----

-- 'samples': samples of before that time may be gone, so that rollups of before cannot be made from them any more.
CREATE TABLE retention_marks (
    name  text PRIMARY KEY,
    until timestamptz NOT NULL
);

-- The last sample id of each day, by arrival: what arrived late is kept as long as what came in time.
CREATE TABLE sample_arrivals (
    day     date PRIMARY KEY,
    last_id bigint NOT NULL
);

-- Drop one partition of `parent` that ends before `kept_from`, if there is one. Of samples, legacy ones captured after
-- legacy_from are kept: they move to the default partition. Comes back: its name, or NULL. Waits for locks no longer than the
-- session's lock_timeout: readers queue behind whoever waits to drop.
CREATE FUNCTION drop_partition_before(parent regclass, kept_from timestamptz, legacy_from timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    oldest  record;
    columns text;
BEGIN
    SELECT name, until INTO oldest FROM partitions_of(parent) WHERE until <= kept_from ORDER BY until LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF parent = 'slow_queries_raw'::regclass THEN
        INSERT INTO retention_marks AS known (name, until) VALUES ('samples', oldest.until)
        ON CONFLICT (name) DO UPDATE SET until = greatest(known.until, excluded.until);
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, oldest.name);
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
        WHERE attrelid = parent AND attnum > 0 AND NOT attisdropped;
        EXECUTE format('INSERT INTO %1$s (%2$s) SELECT %2$s FROM %3$s WHERE provenance = 4 AND captured_at >= $1', parent, columns,
                       oldest.name) USING legacy_from;
    END IF;
    EXECUTE format('DROP TABLE %s', oldest.name);
    RETURN oldest.name::text;
END $$;

-- Of the samples that lie in no daily partition (late ones, those of clocks gone astray, the predecessors'), remove at most max_rows:
-- captured before kept_from and arrived by last_id; legacy ones captured before legacy_from. Comes back: how many went.
CREATE FUNCTION trim_samples(kept_from timestamptz, last_id bigint, legacy_from timestamptz, max_rows int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    holder  regclass;
    removed int;
BEGIN
    INSERT INTO retention_marks AS known (name, until) VALUES ('samples', kept_from)
    ON CONFLICT (name) DO UPDATE SET until = greatest(known.until, excluded.until) WHERE known.until < excluded.until;
    FOREACH holder IN ARRAY ARRAY[to_regclass('slow_queries_raw_default'), to_regclass('slow_queries_raw_before')] LOOP
        CONTINUE WHEN holder IS NULL;
        EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY (SELECT ctid FROM %1$s
                        WHERE (provenance <> 4 AND captured_at < $1 AND id <= $2) OR (provenance = 4 AND captured_at < $3)
                        LIMIT $4))', holder) USING kept_from, last_id, legacy_from, max_rows;
        GET DIAGNOSTICS removed = ROW_COUNT;
        IF removed > 0 THEN
            RETURN removed;
        END IF;
    END LOOP;
    RETURN 0;
END $$;

-- ---- the store's own size ----

-- What a table's bytes are for.
CREATE FUNCTION table_group(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN name ~ '^slow_queries_raw' THEN 'samples'
                WHEN name ~ '^(query_fingerprint_metrics|query_metrics|rollup_deltas)' THEN 'rollups'
                WHEN name ~ '^query_fingerprint' THEN 'text'
                WHEN name ~ '^query_plans' THEN 'plans'
                WHEN name ~ '^legacy_' THEN 'legacy'
                ELSE 'other' END
$$;

-- Measured by potto-collector: the first of each day is kept for a year and more, and the last few.
CREATE TABLE store_sizes (
    measured_at timestamptz NOT NULL,
    table_group text NOT NULL,
    bytes       bigint NOT NULL, -- with indexes and TOAST
    row_count   bigint NOT NULL, -- as the planner estimates it
    oldest_at   timestamptz, -- of samples and rollups
    newest_at   timestamptz,
    PRIMARY KEY (measured_at, table_group)
);

-- The last measurement, and how much each group has grown a day since the one nearest to a week ago; for the API, which may not
-- read the table: sizes are of all organizations together.
CREATE FUNCTION store_size_report()
RETURNS TABLE (measured_at timestamptz, table_group text, bytes bigint, row_count bigint, oldest_at timestamptz,
               newest_at timestamptz, growth_bytes double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT size.measured_at, size.table_group, size.bytes, size.row_count, size.oldest_at, size.newest_at,
           (size.bytes - before.bytes) / (extract(epoch FROM size.measured_at - before.measured_at) / 86400)::float8
    FROM store_sizes AS size
    LEFT JOIN LATERAL (
        SELECT past.measured_at, past.bytes FROM store_sizes AS past
        WHERE past.table_group = size.table_group AND past.measured_at < size.measured_at - interval '6 hours'
          AND past.measured_at >= size.measured_at - interval '8 days'
        ORDER BY past.measured_at LIMIT 1) AS before ON true
    WHERE size.measured_at = (SELECT max(last.measured_at) FROM store_sizes AS last)
$$;

-- Seconds since the oldest fact was stored that is not rolled up yet; for the API, which may not read facts of all.
CREATE FUNCTION rollup_lag_s() RETURNS double precision LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT coalesce((SELECT extract(epoch FROM greatest(clock_timestamp() - made_at, interval '0'))::float8
                     FROM rollup_deltas ORDER BY id LIMIT 1), 0)
$$;

-- ---- literals that are no longer kept ----

-- When keep_literals was switched off with literals stored: potto-collector removes them piece by piece, and once more what a
-- writer that had read the old setting stored meanwhile, before it clears this.
ALTER TABLE database_connections ADD COLUMN literals_purge_since timestamptz,
                                 ADD COLUMN literals_purged_at timestamptz; -- all of it was looked through

CREATE FUNCTION literals_switched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.literals_purge_since := CASE WHEN NEW.keep_literals THEN NULL ELSE clock_timestamp() END;
    NEW.literals_purged_at := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER literals_switched BEFORE UPDATE OF keep_literals ON database_connections
    FOR EACH ROW WHEN (OLD.keep_literals IS DISTINCT FROM NEW.keep_literals) EXECUTE FUNCTION literals_switched();
CREATE INDEX database_connections_purge ON database_connections (literals_purge_since) WHERE literals_purge_since IS NOT NULL;
