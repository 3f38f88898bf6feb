-- Drops one partition of `parent` that ends before kept_from, if there is one, and returns its name, else NULL. Samples
-- of the predecessors that were captured after legacy_from move to the default partition first. Waits for locks no
-- longer than the session's lock_timeout, because readers queue behind a session that waits to drop.
CREATE OR REPLACE FUNCTION drop_partition_before(parent regclass, kept_from timestamptz, legacy_from timestamptz)
RETURNS text
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
        EXECUTE format('INSERT INTO %1$s (%2$s) SELECT %2$s FROM %3$s WHERE provenance = 4 AND captured_at >= $1',
                       parent, columns, oldest.name) USING legacy_from;
    END IF;
    EXECUTE format('DROP TABLE %s', oldest.name);
    RETURN oldest.name::text;
END $$;
