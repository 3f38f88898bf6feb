-- Gives a table with an organization_id its row policy and declares the privileges of potto_api. Migrations call this:
-- its parameters stay as they are. `sees` is the condition of visible rows; by default those of the caller's
-- organization and, if the table has a database_connection_id, of visible connections.
--
-- PostgreSQL evaluates both parts once a statement. The organization is an InitPlan, which an index can use. The
-- connections are a hashed SubPlan, which an index cannot use, on purpose: `database_connection_id = ANY (…)` would be
-- a second array on the column that the statement filters by itself; PostgreSQL would try each pair of the two arrays
-- and could not read such an index in order (the newest samples of 100 connections: 2,500 ms instead of 6).
CREATE OR REPLACE FUNCTION potto_row_policy(target regclass, api_privileges text DEFAULT 'SELECT',
                                            sees text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF sees IS NULL THEN
        sees := 'organization_id = (SELECT potto_organization())';
        IF EXISTS (SELECT FROM pg_attribute AS attribute
                   WHERE attribute.attrelid = target AND attribute.attname = 'database_connection_id') THEN
            sees := sees || ' AND database_connection_id IN (SELECT unnest(potto_connections()))';
        END IF;
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('DROP POLICY IF EXISTS row_policy ON %s', target);
    EXECUTE format('CREATE POLICY row_policy ON %s USING (%s)', target, sees);
    INSERT INTO table_privileges AS known (table_name, api_privileges)
    SELECT relname, potto_row_policy.api_privileges FROM pg_class WHERE oid = target
    ON CONFLICT (table_name) DO UPDATE SET api_privileges = excluded.api_privileges;
END $$;
