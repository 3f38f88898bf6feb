-- Makes connections of the predecessors' rows; for legacy_accounts_carry(). Their passwords are sealed in a way that
-- Potto cannot open, so a connection with one is not monitored until somebody enters it. Nobody sees a connection who
-- did not see it before: one that was its team's or owner's, and has none, becomes that of a team without members. So
-- does one that is seen by its whole organization and has none, if there are several.
CREATE OR REPLACE FUNCTION legacy_connections_carry() RETURNS void LANGUAGE plpgsql SET search_path = pg_temp, public
AS $$
DECLARE
    nobodys CONSTANT text := 'Databases without a team';
    home    CONSTANT bigint := (SELECT min(id) FROM organizations);
    is_one  CONSTANT boolean := (SELECT count(*) = 1 FROM organizations);
BEGIN
    CREATE TEMPORARY TABLE legacy_connection ON COMMIT DROP AS
    SELECT coalesce(organization.id, home) AS organization_id, known.id,
           left(coalesce(legacy_value(item, 'name'), 'database ' || known.id), 180) AS name,
           CASE WHEN kind.name ~ '^(postgres|pg)' THEN 'postgresql' WHEN kind.name ~ '^oracle' THEN 'oracle'
                WHEN kind.name ~ '^(mssql|sql ?server)' THEN 'mssql' WHEN kind.name ~ '^mongo' THEN 'mongodb'
                ELSE 'mysql' END AS engine,
           left(legacy_value(item, 'host', 'hostname'), 255) AS host,
           CASE WHEN item ->> 'port' ~ '^[1-9][0-9]{0,4}$' AND (item ->> 'port')::int <= 65535
                THEN (item ->> 'port')::int END AS port,
           left(legacy_value(item, 'database_name', 'database', 'db_name'), 128) AS database_name,
           left(legacy_value(item, 'username', 'user', 'db_user'), 128) AS username,
           CASE WHEN lower(legacy_value(item, 'ssl_enabled', 'use_ssl')) IN ('true', '1') THEN 'require'
                WHEN item ->> 'ssl_mode' IN ('disable', 'prefer', 'require', 'verify-ca', 'verify-full')
                THEN item ->> 'ssl_mode' ELSE 'prefer' END AS tls_mode,
           team.id AS team_id, owner.id AS owner_user_id, organization.id IS NULL AND NOT is_one AS is_stray,
           CASE WHEN upper(item ->> 'visibility_scope') IN ('TEAM_ONLY', 'ORG_WIDE', 'USER_ONLY')
                THEN upper(item ->> 'visibility_scope')
                WHEN item ->> 'team_id' IS NOT NULL THEN 'TEAM_ONLY'
                WHEN legacy_value(item, 'owner_user_id', 'owner_id', 'user_id', 'created_by') IS NOT NULL
                THEN 'USER_ONLY' ELSE 'ORG_WIDE' END AS visibility_scope,
           coalesce(lower(legacy_value(item, 'is_active', 'active')), 'true') NOT IN ('false', '0') AS is_active,
           coalesce(lower(legacy_value(item, 'is_legacy')), 'false') IN ('true', '1') AS is_legacy,
           coalesce(lower(legacy_value(item, 'monitoring_enabled')), 'true') NOT IN ('false', '0') AS is_monitored,
           legacy_value(item, 'password_encrypted', 'encrypted_password', 'password', 'db_password') IS NOT NULL
               AS has_password,
           CASE WHEN item ->> 'agent_token' ~ '^agt_[!-~]{8,190}$' THEN item ->> 'agent_token' END AS agent_token,
           legacy_time(item ->> 'created_at') AS created_at
    FROM legacy_rows('legacy_database_connections') AS item
    CROSS JOIN LATERAL lower(coalesce(legacy_value(item, 'engine', 'db_type', 'database_type', 'source_db_type',
                                                   'type'), '')) AS kind (name)
    JOIN legacy_ids AS known ON known.name = 'database_connections' AND known.old_id = item ->> 'id'
    LEFT JOIN legacy_ids AS organization
           ON organization.name = 'organizations' AND organization.old_id = item ->> 'organization_id'
    LEFT JOIN legacy_ids AS known_team ON known_team.name = 'teams' AND known_team.old_id = item ->> 'team_id'
    LEFT JOIN teams AS team ON team.id = known_team.id AND team.organization_id = coalesce(organization.id, home)
    LEFT JOIN legacy_ids AS known_owner ON known_owner.name = 'users' AND known_owner.old_id
                  = legacy_value(item, 'owner_user_id', 'owner_id', 'user_id', 'created_by')
    LEFT JOIN users AS owner ON owner.id = known_owner.id AND owner.organization_id = coalesce(organization.id, home);

    UPDATE legacy_connection SET visibility_scope = 'TEAM_ONLY'
    WHERE is_stray AND visibility_scope = 'ORG_WIDE' AND NOT is_legacy;
    INSERT INTO teams (organization_id, name)
    SELECT DISTINCT organization_id, nobodys FROM legacy_connection
    WHERE NOT is_legacy AND (visibility_scope = 'TEAM_ONLY' AND team_id IS NULL
                             OR visibility_scope = 'USER_ONLY' AND owner_user_id IS NULL)
    ON CONFLICT DO NOTHING;
    UPDATE legacy_connection AS given SET team_id = teams.id, visibility_scope = 'TEAM_ONLY'
    FROM teams
    WHERE teams.organization_id = given.organization_id AND teams.name = nobodys AND NOT given.is_legacy
      AND (given.visibility_scope = 'TEAM_ONLY' AND given.team_id IS NULL
           OR given.visibility_scope = 'USER_ONLY' AND given.owner_user_id IS NULL);

    INSERT INTO database_connections (organization_id, id, name, engine, host, port, database_name, username, tls_mode,
                                      team_id, owner_user_id, visibility_scope, agent_token_hash, agent_token_hint,
                                      is_active, is_legacy, monitoring_enabled, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT organization_id, id,
           CASE WHEN row_number() OVER (PARTITION BY organization_id, lower(name) ORDER BY id) = 1 THEN name
                ELSE name || ' #' || id END,
           engine::database_engine, host, port, database_name, username, tls_mode::tls_mode, team_id, owner_user_id,
           visibility_scope::visibility_scope,
           CASE WHEN is_first THEN sha256(convert_to(agent_token, 'UTF8')) END,
           CASE WHEN is_first THEN 'agt_…' || right(agent_token, 4) END, is_active, is_legacy,
           is_monitored AND host IS NOT NULL AND engine IN ('postgresql', 'mysql') AND NOT has_password
               AND NOT is_legacy, created_at
    FROM (SELECT *, agent_token IS NOT NULL AND row_number() OVER (PARTITION BY agent_token ORDER BY id) = 1 AS is_first
          FROM legacy_connection) AS given;

    INSERT INTO connection_collection (organization_id, database_connection_id, problem, remedy)
    SELECT organization_id, id,
           CASE WHEN has_password THEN 'Its password could not be taken over from the predecessor.' END,
           CASE WHEN has_password THEN 'Enter the password, and switch monitoring on.' END
    FROM legacy_connection WHERE NOT is_legacy;
END $$;
