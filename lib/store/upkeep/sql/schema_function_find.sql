-- The schema's objects of the name $1, as DROP takes them, and the SHA-256 of their definition. And what is noted of
-- them: the checksum of the file from which they were loaded (NULL: not from a file), and that of the definition then.
-- returns: checksum bytea, loaded bytea, definition bytea, objects text[]
WITH object AS (
    SELECT 'ROUTINE ' || oid::regprocedure AS name,
           CASE WHEN prokind = 'a' -- pg_get_functiondef refuses these
                THEN (SELECT aggregate::text FROM pg_aggregate AS aggregate WHERE aggfnoid = pg_proc.oid)
                ELSE pg_get_functiondef(oid) END AS definition
    FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proname = $1::text
    UNION ALL
    SELECT 'VIEW ' || oid::regclass, pg_get_viewdef(oid) || coalesce(reloptions::text, '')
    FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname = $1::text AND relkind = 'v'
)
SELECT (SELECT checksum FROM schema_functions WHERE name = $1::text) AS checksum,
       (SELECT definition FROM schema_functions WHERE name = $1::text) AS loaded,
       (SELECT sha256(convert_to(string_agg(definition, E'\n' ORDER BY name), 'UTF8')) FROM object) AS definition,
       ARRAY (SELECT name FROM object ORDER BY name) AS objects
