-- Links the predecessors' samples to the connections that were made of theirs; for legacy_accounts_carry(). A sample
-- that has an organization and no connection gets one in its organization, since 005 knows the first one alone.
CREATE OR REPLACE FUNCTION legacy_samples_carry() RETURNS void LANGUAGE plpgsql SET search_path = pg_temp, public AS $$
DECLARE
    home       CONSTANT bigint := (SELECT min(id) FROM organizations);
    has_link   CONSTANT boolean := EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'slow_queries_raw'::regclass
                                           AND attname = 'legacy_database_connection_id');
    has_tenant CONSTANT boolean := EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'slow_queries_raw'::regclass
                                           AND attname = 'legacy_organization_id');
    item       record;
    connection bigint;
BEGIN
    ALTER TABLE slow_queries_raw ADD COLUMN IF NOT EXISTS source_db_host text,
                                 ADD COLUMN IF NOT EXISTS source_db_name text,
                                 ADD COLUMN organization_id bigint, ADD COLUMN database_connection_id bigint;
    IF has_link THEN
        UPDATE slow_queries_raw AS sample SET organization_id = made.organization_id, database_connection_id = made.id
        FROM legacy_ids AS known JOIN database_connections AS made ON made.id = known.id
        WHERE known.name = 'database_connections' AND known.old_id = sample.legacy_database_connection_id::text;
    END IF;
    IF NOT has_tenant THEN
        RETURN;
    END IF;
    FOR item IN
        SELECT DISTINCT known.id AS organization_id, known.old_id, source_db_type::text AS kind,
               source_db_host::text AS host, source_db_name::text AS name
        FROM slow_queries_raw AS sample
        JOIN legacy_ids AS known ON known.name = 'organizations' AND known.old_id = sample.legacy_organization_id::text
        WHERE sample.database_connection_id IS NULL AND known.id <> home
        ORDER BY 1, 3, 4, 5
    LOOP
        connection := nextval(pg_get_serial_sequence('public.database_connections', 'id'));
        INSERT INTO database_connections (organization_id, id, name, engine, host, database_name, visibility_scope,
                                          is_legacy, monitoring_enabled)
        OVERRIDING SYSTEM VALUE
        VALUES (item.organization_id, connection,
                left(legacy_value(jsonb_build_object('name', concat_ws(' ', 'legacy', item.kind,
                                                                       coalesce(item.host, '(no host)'), item.name)),
                                  'name'), 170) || ' #' || connection,
                CASE WHEN item.kind ILIKE 'postgres%' OR item.kind ILIKE 'pg%' THEN 'postgresql'
                     ELSE 'mysql' END::database_engine, item.host, item.name, 'ORG_WIDE', true, false);
        UPDATE slow_queries_raw AS sample
        SET organization_id = item.organization_id, database_connection_id = connection
        WHERE sample.database_connection_id IS NULL AND sample.legacy_organization_id::text = item.old_id
          AND (sample.source_db_type::text, sample.source_db_host::text, sample.source_db_name::text)
              IS NOT DISTINCT FROM (item.kind, item.host, item.name);
    END LOOP;
END $$;
