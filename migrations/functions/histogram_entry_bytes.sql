-- One entry of a histogram as bytes: `bin << 22 | count` in four bytes; where the count does not fit, ffffffff and the
-- entry in eight bytes.
CREATE OR REPLACE FUNCTION histogram_entry_bytes(entry bigint) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN entry & 1099511627775 < 4194304 THEN int4send(((entry >> 40) << 22 | (entry & 1099511627775))::int)
                ELSE '\xffffffff'::bytea || int8send(entry) END
$$;
