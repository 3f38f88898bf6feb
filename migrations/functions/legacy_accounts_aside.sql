-- Renames the predecessors' tables that have names of Potto's: users becomes legacy_users. Their indexes, sequences,
-- constraints and types get other names too, and so do the columns that link samples and findings to them. To be called
-- before 004.
CREATE OR REPLACE FUNCTION legacy_accounts_aside() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT CASE class.relkind WHEN 'i' THEN 'INDEX' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, class.relname
        FROM pg_class AS class
        WHERE class.relnamespace = 'public'::regnamespace
          AND (class.relname = ANY (legacy_account_tables()) AND class.relkind IN ('r', 'p', 'v', 'm', 'f')
               OR class.oid IN (SELECT indexrelid FROM pg_index JOIN pg_class AS parent ON parent.oid = indrelid
                                WHERE parent.relnamespace = 'public'::regnamespace
                                  AND parent.relname = ANY (legacy_account_tables()))
               OR class.relkind = 'S' AND class.oid IN (
                      SELECT link.objid FROM pg_depend AS link JOIN pg_class AS parent ON parent.oid = link.refobjid
                      WHERE link.classid = 'pg_class'::regclass AND link.refclassid = 'pg_class'::regclass
                        AND link.deptype IN ('a', 'i') AND parent.relnamespace = 'public'::regnamespace
                        AND parent.relname = ANY (legacy_account_tables())))
    LOOP
        EXECUTE format('ALTER %s %I RENAME TO %I', item.kind, item.relname,
                       'legacy_' || CASE WHEN length(item.relname) > 56 THEN md5(item.relname) ELSE item.relname END);
    END LOOP;
    FOR item IN
        SELECT link.conrelid::regclass AS owner, link.conname
        FROM pg_constraint AS link JOIN pg_class AS class ON class.oid = link.conrelid
        WHERE class.relnamespace = 'public'::regnamespace AND link.conname !~ '^legacy_'
          AND class.relname IN (SELECT 'legacy_' || name FROM unnest(legacy_account_tables()) AS name)
    LOOP
        EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', item.owner, item.conname,
                       'legacy_' || CASE WHEN length(item.conname) > 56 THEN md5(item.conname) ELSE item.conname END);
    END LOOP;
    FOR item IN SELECT typname FROM pg_type
                WHERE typnamespace = 'public'::regnamespace
                  AND typname IN ('user_role', 'visibility_scope', 'database_engine', 'tls_mode') LOOP
        EXECUTE format('ALTER TYPE %I RENAME TO %I', item.typname, 'legacy_' || item.typname);
    END LOOP;
    FOR item IN SELECT attrelid::regclass AS owner, attname FROM pg_attribute
                WHERE attrelid IN (to_regclass('slow_queries_raw'), to_regclass('analysis_result'))
                  AND attname IN ('organization_id', 'database_connection_id') LOOP
        EXECUTE format('ALTER TABLE %s RENAME COLUMN %I TO %I', item.owner, item.attname, 'legacy_' || item.attname);
    END LOOP;
END $$;
