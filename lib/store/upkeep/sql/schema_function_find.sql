-- The checksum of the file from which $1 was loaded (NULL: not from a file), and the schema's objects of that name, as
-- DROP takes them.
-- returns: checksum bytea, objects text[]
SELECT (SELECT checksum FROM schema_functions WHERE name = $1::text) AS checksum,
       ARRAY (SELECT 'ROUTINE ' || oid::regprocedure FROM pg_proc
              WHERE pronamespace = 'public'::regnamespace AND proname = $1::text
              UNION ALL
              SELECT 'VIEW ' || oid::regclass FROM pg_class
              WHERE relnamespace = 'public'::regnamespace AND relname = $1::text AND relkind = 'v') AS objects
