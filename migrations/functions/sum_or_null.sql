-- The sum of two counts of which each may be NULL, which is none. Ends at 9e18, as counts of rollups do.
CREATE OR REPLACE FUNCTION sum_or_null(one bigint, other bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN other IS NULL THEN one WHEN one IS NULL THEN other
                ELSE least(one::numeric + other, 9e18)::bigint END
$$;
