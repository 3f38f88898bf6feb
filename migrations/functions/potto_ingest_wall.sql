-- Declares the privileges of potto_ingest on a table. Migrations call this: its parameters stay as they are. Row
-- policies do not bind potto_ingest (COPY does not work for a role that they bind), so it reads no more than the
-- columns by which duplicates are found.
CREATE OR REPLACE FUNCTION potto_ingest_wall(walled regclass, ingest_may text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO row_walls AS known (table_name, ingest_may) SELECT relname, $2 FROM pg_class WHERE oid = walled
    ON CONFLICT (table_name) DO UPDATE SET ingest_may = excluded.ingest_may
$$;
