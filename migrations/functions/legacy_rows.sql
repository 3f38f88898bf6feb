-- All rows of a table as JSON, so that columns that it lacks are NULL. No rows: there is no such table.
CREATE OR REPLACE FUNCTION legacy_rows(table_name text) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
BEGIN
    IF to_regclass(quote_ident(table_name)) IS NOT NULL THEN
        RETURN QUERY EXECUTE format('SELECT to_jsonb(item) FROM %I AS item', table_name);
    END IF;
END $$;
