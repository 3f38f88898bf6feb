-- Delete a connection: nobody sees it any more, its secrets are removed, and its name is free. connection_purge.sql
-- removes its data later. The callers who may change a connection (connection_update.sql) may delete it.
-- $1 organization, $2 visible connections, $3 connection, $4 caller, $5 whether an admin, $6 remote address.
-- No row: the connection does not exist or is not visible. false: the caller may not delete it.
-- returns: is_allowed boolean
WITH target AS (
    SELECT connection.organization_id, connection.id, connection.name, connection.engine, connection.host,
           connection.visibility_scope, connection.team_id,
           may_change_connection(connection.organization_id, connection.team_id, connection.owner_user_id, $4::bigint,
                                 $5::boolean) AS is_allowed
    FROM database_connections AS connection
    WHERE connection.id = $3::bigint AND connection.deleted_at IS NULL
      AND connection.organization_id = $1::bigint -- scope
      AND ($5::boolean OR connection.id = ANY ($2::bigint[])) -- scope
    FOR UPDATE
), gone AS (
    UPDATE database_connections AS connection
    SET deleted_at = now(), is_active = false, monitoring_enabled = false, updated_at = now(),
        name = left(connection.name, 160) || ' (deleted ' || connection.id || ')',
        password_ciphertext = NULL, agent_token_hash = NULL, agent_token_ciphertext = NULL, agent_token_hint = NULL,
        agent_token_previous_hash = NULL, agent_token_previous_until = NULL,
        team_id = NULL, owner_user_id = NULL, visibility_scope = 'ORG_WIDE'
    FROM target
    WHERE connection.organization_id = target.organization_id AND connection.id = target.id AND target.is_allowed
    RETURNING connection.organization_id, connection.id
), collection AS (
    UPDATE connection_collection AS collection SET lease_owner = NULL, lease_until = NULL
    FROM gone
    WHERE collection.organization_id = gone.organization_id AND collection.database_connection_id = gone.id
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM gone WHERE organizations.id = gone.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT gone.organization_id, $4::bigint, 'connection_deleted', 'database_connection', gone.id, $6::text,
           jsonb_build_object('name', target.name, 'engine', target.engine, 'host', target.host,
                              'visibility_scope', target.visibility_scope, 'team_id', target.team_id)
    FROM gone JOIN target ON target.id = gone.id
)
SELECT is_allowed FROM target
