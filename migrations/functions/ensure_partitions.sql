-- Makes the partitions of `parent` for each `unit` (day or month) of [first_day, last_day] and returns how many it
-- made. Rows of a new partition move there from the default partition. A time that another partition covers is left
-- alone. Safe to call at any time and from several sessions.
CREATE OR REPLACE FUNCTION ensure_partitions(parent regclass, time_column name, unit text, first_day date,
                                             last_day date) RETURNS int
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
                EXECUTE format('WITH moved AS (DELETE FROM %1$s_default WHERE %2$I >= %3$L AND %2$I < %4$L
                                               RETURNING %5$s)
                                INSERT INTO %6$I (%5$s) SELECT %5$s FROM moved',
                               parent, time_column, from_at AT TIME ZONE 'UTC', (from_at + step) AT TIME ZONE 'UTC',
                               columns, partition);
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
