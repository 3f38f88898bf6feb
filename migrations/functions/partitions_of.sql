-- The partitions of a table that end at a time, with that time. The default partition and one that begins at MINVALUE
-- are left out.
CREATE OR REPLACE FUNCTION partitions_of(parent regclass) RETURNS TABLE (name regclass, until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT name, until
    FROM (SELECT class.oid::regclass AS name, pg_get_expr(class.relpartbound, class.oid) AS bound
          FROM pg_inherits JOIN pg_class AS class ON class.oid = pg_inherits.inhrelid
          WHERE pg_inherits.inhparent = parent) AS child
    CROSS JOIN LATERAL (SELECT (regexp_match(bound, 'TO \(''([^'']+)''\)'))[1]::timestamptz AS until) AS ends
    WHERE until IS NOT NULL AND bound !~ 'MINVALUE'
$$;
