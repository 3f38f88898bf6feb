-- Declares the privileges of potto_ingest on a table. Migrations call this: its parameters stay as they are. Row
-- policies do not bind potto_ingest (COPY does not work for a role that they bind), so it reads no more than the
-- columns by which duplicates are found.
CREATE OR REPLACE FUNCTION potto_ingest_privileges(target regclass, ingest_privileges text) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO table_privileges AS known (table_name, ingest_privileges)
    SELECT relname, $2 FROM pg_class WHERE oid = target
    ON CONFLICT (table_name) DO UPDATE SET ingest_privileges = excluded.ingest_privileges
$$;
