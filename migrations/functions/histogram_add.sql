-- The sum of two histograms; lib/facts/histogram.h describes their form. NULL: no duration is known.
CREATE OR REPLACE FUNCTION histogram_add(one bigint[], other bigint[]) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN one IS NULL THEN other
                WHEN other IS NULL THEN one
                ELSE (SELECT array_agg(bin << 40 | least(count, 1099511627775) ORDER BY bin)
                      FROM (SELECT entry >> 40 AS bin, sum((entry & 1099511627775)::float8)::bigint AS count
                            FROM unnest(one || other) AS entry GROUP BY 1) AS bins) END
$$;
