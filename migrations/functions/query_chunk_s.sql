-- How many seconds a chunk of a fingerprint covers, by the width of its buckets.
CREATE OR REPLACE FUNCTION query_chunk_s(bucket_s bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE bucket_s WHEN 3600 THEN 86400 ELSE 691200 END
$$;
