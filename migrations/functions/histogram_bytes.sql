-- A histogram as segments and chunks hold it: the bytes of its entries, ascending by bin; lib/store/read reads them.
CREATE OR REPLACE FUNCTION histogram_bytes(histogram bigint[]) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT string_agg(histogram_entry_bytes(entry), '') FROM unnest(histogram) AS entry
$$;
