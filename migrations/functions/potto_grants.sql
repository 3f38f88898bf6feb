-- Grants what table_privileges says and revokes everything else, for those of the API's roles that exist; `potto
-- migrate` ends with this. Returns the statements that a superuser must run for the roles to be right.
CREATE OR REPLACE FUNCTION potto_grants() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    owner_name CONSTANT name := current_user;
    has_api    CONSTANT boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'potto_api');
    has_ingest CONSTANT boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'potto_ingest');
    item       record;
    readable   text;
BEGIN
    FOR item IN SELECT rolname FROM pg_roles WHERE rolname IN ('potto_api', 'potto_ingest') LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM %I', item.rolname);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM %I', item.rolname);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', item.rolname);
    END LOOP;
    -- Our tables, partitions, views and sequences; what others own (extensions) is theirs to grant. Only REVOKE ALL
    -- takes privileges on columns along; GRANT and other REVOKEs on a table leave them.
    FOR item IN
        SELECT class.oid::regclass AS name, class.relname, class.relkind, role.rolname, class.relispartition,
               declared.api_privileges, declared.ingest_privileges
        FROM pg_class AS class
        CROSS JOIN pg_roles AS role
        LEFT JOIN table_privileges AS declared ON declared.table_name = class.relname
        WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p', 'v', 'm', 'S')
          AND class.relowner = owner_name::regrole AND role.rolname IN ('potto_api', 'potto_ingest')
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I', CASE item.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                       item.name, item.rolname);
        IF item.relispartition THEN
            CONTINUE;
        END IF;
        IF item.rolname = 'potto_api' AND item.api_privileges <> '' THEN
            SELECT CASE WHEN count(*) FILTER (WHERE is_secret) > 0
                        THEN format('SELECT (%s)',
                                    string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE NOT is_secret))
                        ELSE 'SELECT' END INTO readable
            FROM (SELECT attname, attnum,
                         attname ~ '(password|token|secret)(_previous)?_(hash|ciphertext)$' AS is_secret
                  FROM pg_attribute WHERE attrelid = item.name AND attnum > 0 AND NOT attisdropped) AS attribute;
            EXECUTE format('GRANT %s ON %s %s TO potto_api',
                           regexp_replace(item.api_privileges, '\mSELECT\M(?! *\()', readable),
                           CASE item.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, item.name);
        ELSIF item.rolname = 'potto_ingest' AND item.ingest_privileges <> '' THEN
            EXECUTE format('GRANT %s ON %s TO potto_ingest', item.ingest_privileges, item.name);
        END IF;
    END LOOP;
    -- Functions are for potto_api alone, and for the owner.
    FOR item IN SELECT oid::regprocedure AS name FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace AND proowner = owner_name::regrole LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', item.name);
        IF has_api THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO potto_api', item.name);
        END IF;
    END LOOP;
    -- What only a superuser can put right.
    IF NOT has_api THEN
        RETURN NEXT 'CREATE ROLE potto_api LOGIN NOINHERIT PASSWORD ''…'';';
        RETURN NEXT format('GRANT CONNECT ON DATABASE %I TO potto_api;', current_database());
    END IF;
    IF NOT has_ingest THEN
        RETURN NEXT 'CREATE ROLE potto_ingest NOLOGIN BYPASSRLS;';
    ELSIF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'potto_ingest') THEN
        RETURN NEXT 'ALTER ROLE potto_ingest BYPASSRLS;';
    END IF;
    IF NOT has_api OR NOT has_ingest THEN
        RETURN NEXT 'GRANT potto_ingest TO potto_api;';
        RETURN;
    END IF;
    IF NOT pg_has_role('potto_api', 'potto_ingest', 'MEMBER') THEN
        RETURN NEXT 'GRANT potto_ingest TO potto_api;';
    END IF;
    IF pg_has_role('potto_api', 'potto_ingest', 'USAGE') THEN -- has its privileges without asking for them
        RETURN NEXT CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'ALTER ROLE potto_api NOINHERIT;'
                         ELSE 'GRANT potto_ingest TO potto_api WITH INHERIT FALSE;' END;
    END IF;
    IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'potto_api') THEN
        RETURN NEXT 'ALTER ROLE potto_api NOSUPERUSER NOBYPASSRLS;';
    ELSIF pg_has_role('potto_api', owner_name, 'MEMBER') THEN
        RETURN NEXT format('REVOKE %I FROM potto_api;', owner_name);
    END IF;
END $$;
