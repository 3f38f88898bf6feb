-- Row policies: the second barrier behind the filters that each statement has (docs/security.md). The API's role,
-- potto_api, owns nothing and sees in a transaction only what the settings of that transaction allow, so that a
-- statement without its filter returns nothing instead of everything. Policies do not bind the owner (command line,
-- collector).

-- What the API's roles may do with tables. potto_grants() grants this and nothing else.
CREATE TABLE table_privileges (
    table_name        name PRIMARY KEY, -- or a sequence's
    api_privileges    text NOT NULL DEFAULT '', -- potto_api: as GRANT takes them; SELECT leaves secret columns out
    ingest_privileges text NOT NULL DEFAULT ''  -- potto_ingest
);

DO $$
DECLARE
    own_organization CONSTANT text := 'organization_id = (SELECT potto_organization())';
    is_user          CONSTANT text := own_organization || ' AND (SELECT potto_user()) > 0';
    is_admin         CONSTANT text := own_organization || ' AND (SELECT potto_role()) = ''admin''';
    is_member        CONSTANT text := own_organization || ' AND (SELECT potto_role()) IN (''member'', ''admin'')';
    own_user         CONSTANT text := own_organization
        || ' AND (user_id = (SELECT potto_user()) OR (SELECT potto_role()) = ''admin'')';
    -- An admin who administers reaches each connection of the organization, but not its queries.
    administered     CONSTANT text := own_organization
        || ' AND (%I IN (SELECT unnest(potto_connections())) OR (SELECT potto_administers()))';
    serves_visible   CONSTANT text := own_organization || ' AND EXISTS (SELECT FROM collector_databases AS link
                       WHERE link.organization_id = collectors.organization_id AND link.collector_id = collectors.id)';
    remaining        record;
BEGIN
    -- Facts: written by ingest, the collector and the command line.
    PERFORM potto_row_policy('slow_queries_raw');
    PERFORM potto_row_policy('query_fingerprint_connections');
    PERFORM potto_row_policy('query_fingerprint_metrics');
    PERFORM potto_row_policy('query_metrics');
    PERFORM potto_row_policy('query_plans');
    PERFORM potto_row_policy('query_segments');
    PERFORM potto_row_policy('query_segment_details');
    PERFORM potto_row_policy('connection_segments');
    PERFORM potto_row_policy('query_chunks');
    PERFORM potto_row_policy('connection_chunks');
    -- A text is stored once for the organization. It is visible to those who see a connection that has run it: the
    -- policy of the other table applies in the subselect. Not EXISTS: for that PostgreSQL also plans an alternative
    -- that reads the whole other table.
    PERFORM potto_row_policy('query_fingerprints', 'SELECT',
        own_organization || ' AND (SELECT true FROM query_fingerprint_connections AS seen
            WHERE seen.organization_id = query_fingerprints.organization_id
              AND seen.sql_hash = query_fingerprints.sql_hash LIMIT 1)');
    PERFORM potto_row_policy('query_segment_fingerprints', 'SELECT',
        own_organization || ' AND EXISTS (SELECT FROM query_fingerprint_connections AS seen
            WHERE seen.organization_id = query_segment_fingerprints.organization_id
              AND seen.sql_hash = query_segment_fingerprints.sql_hash)');
    PERFORM potto_ingest_privileges('slow_queries_raw',
        'INSERT, SELECT (organization_id, database_connection_id, captured_at, sample_digest)');
    PERFORM potto_ingest_privileges('rollup_deltas', 'INSERT');
    PERFORM potto_ingest_privileges('query_fingerprints', 'INSERT, SELECT (organization_id, sql_hash)');
    PERFORM potto_ingest_privileges('query_fingerprint_connections',
                                    'INSERT, SELECT, UPDATE (first_seen_at, last_seen_at)');
    PERFORM potto_ingest_privileges('query_plans', 'INSERT, UPDATE (last_seen_at),
        SELECT (organization_id, database_connection_id, sql_hash, plan_hash, last_seen_at)');
    PERFORM potto_ingest_privileges('ingest_batches', 'INSERT, SELECT, UPDATE (accepted, duplicates)');

    -- Organizations and people. Only admins change users, since the row holds the role; auth_password_change() is for
    -- the others.
    PERFORM potto_row_policy('organizations', 'SELECT, UPDATE (name, data_version)',
        'id = (SELECT potto_organization())');
    PERFORM potto_row_policies('users', 'SELECT, INSERT, DELETE,
        UPDATE (email, display_name, role, is_active, password_hash, tokens_valid_after)',
        is_user, is_admin, is_admin, is_admin);
    PERFORM potto_row_policies('teams', 'SELECT, INSERT, UPDATE, DELETE', is_user, is_admin, is_admin, is_admin);
    PERFORM potto_row_policies('team_members', 'SELECT, INSERT, DELETE', is_user, is_admin, NULL, is_admin);
    PERFORM potto_row_policy('refresh_tokens', 'SELECT, UPDATE (revoked_at)', own_user);
    PERFORM potto_row_policy('api_tokens', 'SELECT, INSERT, UPDATE (revoked_at)', own_user);
    PERFORM potto_row_policies('audit_log', 'SELECT, INSERT', own_user, own_organization, NULL, NULL);

    -- Monitored databases. A new connection is not in the scope of its maker yet; the answer to its creation shows it.
    PERFORM potto_row_policies('database_connections', 'SELECT, INSERT, UPDATE',
        format(administered, 'id'), is_member, format(administered, 'id'), NULL);
    INSERT INTO table_privileges (table_name, api_privileges) VALUES ('database_connections_id_seq', 'USAGE');
    PERFORM potto_row_policies('connection_collection', 'SELECT, INSERT, UPDATE',
        format(administered, 'database_connection_id'), is_member,
        format(administered, 'database_connection_id'), NULL);
    -- Only the collector reads how far collection has come; a database that moves begins anew, hence DELETE.
    PERFORM potto_row_policy('counter_baselines', 'SELECT (organization_id, database_connection_id), DELETE',
        format(administered, 'database_connection_id'));
    PERFORM potto_row_policy('collector_databases');
    -- Agents that serve a visible connection; Potto's own daemons serve all organizations and belong to none.
    PERFORM potto_row_policies('collectors', 'SELECT, UPDATE',
        '(organization_id IS NULL AND (SELECT potto_organization()) IS NOT NULL OR ' || serves_visible || ')',
        NULL, serves_visible, NULL);
    PERFORM potto_row_policies('collector_schedules', 'SELECT, INSERT, UPDATE',
        own_organization, is_admin, is_admin, NULL);
    PERFORM potto_row_policy('jobs', 'SELECT, INSERT',
        own_organization || ' AND user_id = (SELECT potto_user()) AND (database_connection_id IS NULL
            OR database_connection_id IN (SELECT unnest(potto_connections())))');

    -- Each other table of tenants is closed to the API and has a policy all the same.
    FOR remaining IN
        SELECT class.oid::regclass AS name FROM pg_class AS class
        JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attname = 'organization_id'
        WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition
          AND NOT class.relrowsecurity
    LOOP
        PERFORM potto_row_policy(remaining.name, '');
    END LOOP;
END $$;
