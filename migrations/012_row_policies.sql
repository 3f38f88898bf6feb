-- Row policies: the second barrier behind the filters that each statement has (docs/security.md). The API's role, potto_api,
-- owns nothing and sees in a transaction only what the settings of that transaction allow, so that a forgotten filter returns
-- nothing instead of everything. Policies do not bind the owner (command line, collector).

-- What the API's roles may do with tables. potto_grants() grants this and nothing else.
CREATE TABLE row_walls (
    table_name name PRIMARY KEY, -- or a sequence's
    api_may    text NOT NULL DEFAULT '', -- potto_api: privileges as GRANT takes them; SELECT leaves secret columns out
    ingest_may text NOT NULL DEFAULT ''  -- potto_ingest
);

DO $$
DECLARE
    own_organization CONSTANT text := 'organization_id = (SELECT potto_organization())';
    is_user          CONSTANT text := own_organization || ' AND (SELECT potto_user()) > 0';
    is_admin         CONSTANT text := own_organization || ' AND (SELECT potto_role()) = ''admin''';
    is_member        CONSTANT text := own_organization || ' AND (SELECT potto_role()) IN (''member'', ''admin'')';
    own_user         CONSTANT text := own_organization || ' AND (user_id = (SELECT potto_user()) OR (SELECT potto_role()) = ''admin'')';
    -- An admin who administers reaches each connection of the organization; queries are read by those who see the connection.
    administered     CONSTANT text := own_organization
        || ' AND (%I IN (SELECT unnest(potto_connections())) OR (SELECT potto_administers()))';
    serves_visible   CONSTANT text := own_organization || ' AND EXISTS (SELECT FROM collector_databases AS link
                       WHERE link.organization_id = collectors.organization_id AND link.collector_id = collectors.id)';
    remaining        record;
BEGIN
    -- Facts: written by ingest, the collector and the command line.
    PERFORM potto_wall('slow_queries_raw');
    PERFORM potto_wall('query_fingerprint_connections');
    PERFORM potto_wall('query_fingerprint_metrics');
    PERFORM potto_wall('query_metrics');
    PERFORM potto_wall('query_plans');
    PERFORM potto_wall('query_packs');
    PERFORM potto_wall('query_pack_details');
    PERFORM potto_wall('connection_packs');
    PERFORM potto_wall('query_strips');
    PERFORM potto_wall('connection_strips');
    -- A text is stored once for the organization; it is seen by those who see a connection that has run it: the policy of
    -- the other table applies in the subselect. Not EXISTS, for which PostgreSQL plans an alternative each time that reads
    -- where everything was ever seen.
    PERFORM potto_wall('query_fingerprints', 'SELECT',
                       own_organization || ' AND (SELECT true FROM query_fingerprint_connections AS seen
                       WHERE seen.organization_id = query_fingerprints.organization_id
                         AND seen.sql_hash = query_fingerprints.sql_hash LIMIT 1)');
    PERFORM potto_wall('query_pack_numbers', 'SELECT',
                       own_organization || ' AND EXISTS (SELECT FROM query_fingerprint_connections AS seen
                       WHERE seen.organization_id = query_pack_numbers.organization_id
                         AND seen.sql_hash = query_pack_numbers.sql_hash)');
    PERFORM potto_ingest_wall('slow_queries_raw',
                              'INSERT, SELECT (organization_id, database_connection_id, captured_at, sample_digest)');
    PERFORM potto_ingest_wall('rollup_deltas', 'INSERT');
    PERFORM potto_ingest_wall('query_fingerprints', 'INSERT, SELECT (organization_id, sql_hash)');
    PERFORM potto_ingest_wall('query_fingerprint_connections', 'INSERT, SELECT, UPDATE (first_seen_at, last_seen_at)');
    PERFORM potto_ingest_wall('query_plans', 'INSERT, UPDATE (last_seen_at),
        SELECT (organization_id, database_connection_id, sql_hash, plan_hash, last_seen_at)');
    PERFORM potto_ingest_wall('ingest_batches', 'INSERT, SELECT, UPDATE (accepted, duplicates)');

    -- Organizations and people. Only admins change users; auth_password_change() is for the others, since the row holds the
    -- role.
    PERFORM potto_wall('organizations', 'SELECT, UPDATE (name, data_version)', 'id = (SELECT potto_organization())');
    PERFORM potto_walls('users', 'SELECT, INSERT, DELETE,
                       UPDATE (email, display_name, role, is_active, password_hash, tokens_valid_after)',
                       is_user, is_admin, is_admin, is_admin);
    PERFORM potto_walls('teams', 'SELECT, INSERT, UPDATE, DELETE', is_user, is_admin, is_admin, is_admin);
    PERFORM potto_walls('team_members', 'SELECT, INSERT, DELETE', is_user, is_admin, NULL, is_admin);
    PERFORM potto_wall('refresh_tokens', 'SELECT, UPDATE (revoked_at)', own_user);
    PERFORM potto_wall('api_tokens', 'SELECT, INSERT, UPDATE (revoked_at)', own_user);
    PERFORM potto_walls('audit_log', 'SELECT, INSERT', own_user, own_organization, NULL, NULL);

    -- Monitored databases. A new connection is not in the scope of its maker yet; the answer to its creation shows it.
    PERFORM potto_walls('database_connections', 'SELECT, INSERT, UPDATE', format(administered, 'id'), is_member,
                       format(administered, 'id'), NULL);
    INSERT INTO row_walls (table_name, api_may) VALUES ('database_connections_id_seq', 'USAGE');
    PERFORM potto_walls('connection_collection', 'SELECT, INSERT, UPDATE', format(administered, 'database_connection_id'),
                       is_member, format(administered, 'database_connection_id'), NULL);
    -- Only the collector reads how far collection has come; a database that moves begins anew, hence DELETE.
    PERFORM potto_wall('counter_baselines', 'SELECT (organization_id, database_connection_id), DELETE',
                       format(administered, 'database_connection_id'));
    PERFORM potto_wall('collector_databases');
    -- Agents that serve a visible connection; Potto's own daemons serve all organizations and belong to none.
    PERFORM potto_walls('collectors', 'SELECT, UPDATE',
                       '(organization_id IS NULL AND (SELECT potto_organization()) IS NOT NULL OR ' || serves_visible || ')',
                       NULL, serves_visible, NULL);
    PERFORM potto_walls('collector_schedules', 'SELECT, INSERT, UPDATE', own_organization, is_admin, is_admin, NULL);
    PERFORM potto_wall('jobs', 'SELECT, INSERT', own_organization || ' AND user_id = (SELECT potto_user())
                       AND (database_connection_id IS NULL OR database_connection_id IN (SELECT unnest(potto_connections())))');

    -- Each other table of tenants is closed to the API and has a policy all the same.
    FOR remaining IN
        SELECT class.oid::regclass AS name FROM pg_class AS class
        JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attname = 'organization_id'
        WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition
          AND NOT class.relrowsecurity
    LOOP
        PERFORM potto_wall(remaining.name, '');
    END LOOP;
END $$;
