-- Tables of Potto that the predecessors also had, under the same names and with other columns.
CREATE OR REPLACE FUNCTION legacy_account_tables() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['organizations', 'users', 'teams', 'team_members', 'refresh_tokens', 'api_tokens', 'audit_log',
                 'database_connections', 'connection_collection', 'collectors', 'collector_databases', 'jobs']
$$;
