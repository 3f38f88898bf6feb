-- Takes over the tables that legacy_accounts_aside() renamed, which stay; to be called after 004, in the same
-- transaction. Ids that are whole numbers are kept. Agents and collectors register anew, and people sign in anew.
CREATE OR REPLACE FUNCTION legacy_accounts_carry()
RETURNS TABLE (organizations bigint, teams bigint, users bigint, connections bigint, passwords_lost bigint,
               lacks_admin boolean) LANGUAGE plpgsql SET search_path = pg_temp, public AS $$
BEGIN
    CREATE TEMPORARY TABLE legacy_ids (name text, old_id text, id bigint, PRIMARY KEY (name, old_id)) ON COMMIT DROP;
    PERFORM legacy_ids_make(name) FROM unnest(ARRAY['organizations', 'teams', 'users', 'database_connections']) AS name
    WHERE to_regclass('public.legacy_' || name) IS NOT NULL;
    IF NOT EXISTS (SELECT FROM unnest(legacy_account_tables()) AS name
                   WHERE to_regclass('public.legacy_' || name) IS NOT NULL) THEN
        RETURN;
    END IF;
    PERFORM legacy_people_carry();
    PERFORM legacy_connections_carry();
    PERFORM legacy_samples_carry();
    RETURN QUERY
    SELECT (SELECT count(*) FROM public.organizations), (SELECT count(*) FROM public.teams),
           (SELECT count(*) FROM public.users), (SELECT count(*) FROM public.database_connections),
           (SELECT count(*) FROM public.connection_collection WHERE problem IS NOT NULL),
           EXISTS (SELECT FROM public.users)
               AND NOT EXISTS (SELECT FROM public.users AS person WHERE person.role = 'admin');
END $$;
