-- Why the tables of this database cannot be taken over, for people; NULL: they can, or there are none. For a database
-- without 004, and before 001, which makes one of the tables that tell a predecessor.
CREATE OR REPLACE FUNCTION legacy_accounts_refusal() RETURNS text LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
DECLARE
    found          CONSTANT text[] := ARRAY (SELECT name FROM unnest(legacy_account_tables()) AS name
                                             WHERE to_regclass(name) IS NOT NULL ORDER BY name);
    is_predecessor boolean := false;
    wanted         record;
BEGIN
    IF cardinality(found) = 0 THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM pg_attribute
               WHERE attrelid = to_regclass('slow_queries_raw') AND attname = 'source_db_type') THEN
        SELECT NOT EXISTS (SELECT FROM schema_migrations WHERE version = 1)
               OR EXISTS (SELECT FROM slow_queries_raw)
        INTO is_predecessor;
    END IF;
    IF NOT is_predecessor AND to_regclass('database_connections') IS NULL THEN
        RETURN format('this database has tables of another program (%s), which Potto leaves alone. Give Potto a '
                      'database of its own, in POTTO_OWNER_DATABASE_URL', array_to_string(found[1:5], ', '));
    END IF;
    FOR wanted IN SELECT * FROM (VALUES ('organizations', '{id}'::text[], '{name}'::text[]),
                                        ('users', '{id}', '{email,username}'),
                                        ('teams', '{id}', '{name}'),
                                        ('database_connections', '{id}', '{name,host}')) AS known (name, id, any_of)
                  WHERE known.name = ANY (found) LOOP
        IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass(wanted.name) AND attname = ANY (wanted.id))
           OR NOT EXISTS (SELECT FROM pg_attribute
                          WHERE attrelid = to_regclass(wanted.name) AND attname = ANY (wanted.any_of)) THEN
            RETURN format('the table %s lacks the columns id and %s, so it is not one of Potto''s predecessors. Rename '
                          'it, or make a database for Potto', wanted.name, array_to_string(wanted.any_of, ' or '));
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
