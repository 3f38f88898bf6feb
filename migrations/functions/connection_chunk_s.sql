-- How many seconds a chunk of a connection covers, by the width of its buckets.
CREATE OR REPLACE FUNCTION connection_chunk_s(bucket_s bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE bucket_s WHEN 300 THEN 28800 WHEN 3600 THEN 691200 ELSE 5529600 END
$$;
