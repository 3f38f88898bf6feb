-- Deletes at most max_rows samples that lie in no daily partition (late ones, those of wrong clocks, the predecessors')
-- and returns how many it deleted: those captured before kept_from that arrived by last_id, and the predecessors'
-- captured before legacy_from.
CREATE OR REPLACE FUNCTION trim_samples(kept_from timestamptz, last_id bigint, legacy_from timestamptz, max_rows int)
RETURNS int
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
                        WHERE (provenance <> 4 AND captured_at < $1 AND id <= $2)
                          OR (provenance = 4 AND captured_at < $3)
                        LIMIT $4))', holder) USING kept_from, last_id, legacy_from, max_rows;
        GET DIAGNOSTICS removed = ROW_COUNT;
        IF removed > 0 THEN
            RETURN removed;
        END IF;
    END LOOP;
    RETURN 0;
END $$;
