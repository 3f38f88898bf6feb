-- What the bytes of a table are used for.
CREATE OR REPLACE FUNCTION table_group(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN name ~ '^(slow_queries_raw|metrics_mongodb)' THEN 'samples'
                WHEN name ~ ('^(rollup_|mongodb_|session_wa|(query|connection)_(metrics|segment|chunks|coverage)|'
                             'query_fingerprint_metrics)')
                THEN 'rollups'
                WHEN name ~ '^query_fingerprint' THEN 'text'
                WHEN name ~ '^query_plans' THEN 'plans'
                WHEN name ~ '^legacy_' THEN 'legacy'
                ELSE 'other' END
$$;
