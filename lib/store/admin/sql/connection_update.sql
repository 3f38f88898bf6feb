-- Change a connection; connection_set_password.sql changes its password. NULL leaves a value, '' and 0 remove it.
-- Admins may change any connection; the owner and the members of its team may change a visible one. If the database
-- moves, a run in progress is not stored, and connection_counters_forget.sql must delete the baselines of the old
-- server's counters.
-- $1 organization, $2 visible connections, $3 connection, $4 caller, $5 whether an admin. The fields that may change
-- follow, in the order of connection_fields.c: $6 name, $7 host, $8 port, $9 database, $10 username, $11 TLS mode, $12
-- team, $13 owner, $14 visibility, $15 active, $16 monitored, $17 interval in seconds, $18 least duration in ms, $19
-- whether literals are kept, $20 whether sessions are looked at, $21 overhead budget in percent, $22 whether the
-- password changes. $23 remote address, $24 and $25 engines and their ports, $26 those that collectors read, $27 the
-- engine that it must have, or NULL.
-- No row: the connection does not exist or is not visible. It was changed if the first six columns are true and the
-- next three are false. has_moved: it was, and the database has moved.
-- returns: is_allowed boolean, is_team_fine boolean, is_owner_fine boolean, may_hide boolean, is_engine_fine boolean,
--   may_monitor boolean, lacks_team boolean, lacks_owner boolean, lacks_password boolean, has_moved boolean
WITH target AS (
    SELECT connection.organization_id, connection.id, connection.name, connection.host, connection.port,
           connection.database_name, connection.username, connection.tls_mode,
           connection.team_id, connection.owner_user_id, connection.visibility_scope, connection.is_active,
           connection.is_legacy, connection.monitoring_enabled, connection.interval_s, connection.min_duration_ms,
           connection.keep_literals, connection.waits_enabled, connection.overhead_budget_percent,
           connection.has_password,
           connection.engine::text AS engine,
           CASE WHEN $7::text IS NULL THEN connection.host ELSE nullif($7::text, '') END AS new_host,
           CASE WHEN $8::bigint IS NULL THEN connection.port ELSE nullif($8::bigint, 0) END AS given_port,
           (SELECT known.port FROM unnest($24::text[], $25::bigint[]) AS known (engine, port)
            WHERE known.engine = connection.engine::text)::int AS usual_port,
           CASE WHEN $9::text IS NULL THEN connection.database_name ELSE nullif($9::text, '') END AS new_database_name,
           CASE WHEN $10::text IS NULL THEN connection.username ELSE nullif($10::text, '') END AS new_username,
           CASE WHEN $12::bigint IS NULL THEN connection.team_id ELSE nullif($12::bigint, 0) END AS new_team_id,
           CASE WHEN $13::bigint IS NULL THEN connection.owner_user_id
                ELSE nullif($13::bigint, 0) END AS new_owner_user_id,
           coalesce($14::text::visibility_scope, connection.visibility_scope) AS new_visibility_scope
    FROM database_connections AS connection
    WHERE connection.id = $3::bigint AND connection.deleted_at IS NULL
      AND connection.organization_id = $1::bigint -- scope
      AND ($5::boolean OR connection.id = ANY ($2::bigint[])) -- scope
    FOR UPDATE
), verdict AS (
    SELECT may_change_connection(target.organization_id, target.team_id, target.owner_user_id, $4::bigint,
                                 $5::boolean) AS is_allowed,
           coalesce($12::bigint, 0) = 0 OR target.new_team_id IS NOT DISTINCT FROM target.team_id
           OR EXISTS (SELECT FROM teams AS team
                      WHERE team.id = $12::bigint
                        AND team.organization_id = $1::bigint -- scope
                        AND ($5::boolean
                             OR EXISTS (SELECT FROM team_members AS membership
                                        WHERE membership.team_id = team.id
                                          AND membership.organization_id = $1::bigint -- scope
                                          AND membership.user_id = $4::bigint))) AS is_team_fine,
           coalesce($13::bigint, 0) = 0
           OR EXISTS (SELECT FROM users AS person
                      WHERE person.id = $13::bigint
                        AND person.organization_id = $1::bigint -- scope
                      ) AS is_owner_fine,
           -- Only the owner and admins may hide a connection from the others who see it.
           $5::boolean OR target.new_visibility_scope <> 'USER_ONLY' OR target.visibility_scope = 'USER_ONLY'
           OR (target.owner_user_id = $4::bigint) IS TRUE AS may_hide,
           coalesce($27::text = target.engine, true) AS is_engine_fine,
           NOT coalesce($16::boolean, false) OR target.engine = ANY ($26::text[]) AS may_monitor,
           NOT target.is_legacy AND target.new_visibility_scope = 'TEAM_ONLY'
           AND target.new_team_id IS NULL AS lacks_team,
           NOT target.is_legacy AND target.new_visibility_scope = 'USER_ONLY'
           AND target.new_owner_user_id IS NULL AS lacks_owner,
           -- The password must be given again: otherwise a caller who does not know it could send it to a server of
           -- their own, or without encryption.
           target.has_password AND NOT $22::boolean
           AND ((target.new_host,
                 CASE WHEN target.new_host IS NOT NULL THEN coalesce(target.given_port, target.usual_port) END)
                    IS DISTINCT FROM (target.host, target.port)
                OR coalesce($11::text::tls_mode < target.tls_mode, false)) AS lacks_password
    FROM target
), changed AS (
    UPDATE database_connections AS connection
    SET name = coalesce($6::text, target.name), host = target.new_host,
        port = CASE WHEN target.new_host IS NOT NULL THEN coalesce(target.given_port, target.usual_port) END,
        database_name = target.new_database_name, username = target.new_username,
        tls_mode = coalesce($11::text::tls_mode, target.tls_mode), team_id = target.new_team_id,
        owner_user_id = target.new_owner_user_id, visibility_scope = target.new_visibility_scope,
        is_active = coalesce($15::boolean, target.is_active),
        monitoring_enabled = coalesce($16::boolean, target.monitoring_enabled),
        interval_s = coalesce($17::bigint, target.interval_s),
        min_duration_ms = coalesce($18::float8, target.min_duration_ms),
        keep_literals = coalesce($19::boolean, target.keep_literals),
        waits_enabled = coalesce($20::boolean, target.waits_enabled),
        overhead_budget_percent = coalesce($21::float8, target.overhead_budget_percent), updated_at = now()
    FROM target, verdict
    WHERE connection.organization_id = target.organization_id AND connection.id = target.id AND verdict.is_allowed
      AND verdict.is_team_fine AND verdict.is_owner_fine AND verdict.may_hide AND verdict.is_engine_fine
      AND verdict.may_monitor AND NOT verdict.lacks_team AND NOT verdict.lacks_owner AND NOT verdict.lacks_password
    RETURNING connection.organization_id, connection.id, connection.name, connection.host, connection.port,
              connection.database_name, connection.username, connection.tls_mode,
              connection.team_id, connection.owner_user_id, connection.visibility_scope, connection.is_active,
              connection.monitoring_enabled, connection.interval_s, connection.min_duration_ms,
              connection.keep_literals, connection.waits_enabled, connection.overhead_budget_percent
), difference AS (
    SELECT changed.organization_id, changed.id,
           (changed.host, changed.port, changed.database_name)
           IS DISTINCT FROM (target.host, target.port, target.database_name) AS has_moved,
           array_remove(ARRAY[
               CASE WHEN changed.name <> target.name THEN 'name' END,
               CASE WHEN changed.host IS DISTINCT FROM target.host THEN 'host' END,
               CASE WHEN changed.port IS DISTINCT FROM target.port THEN 'port' END,
               CASE WHEN changed.database_name IS DISTINCT FROM target.database_name THEN 'database' END,
               CASE WHEN changed.username IS DISTINCT FROM target.username THEN 'username' END,
               CASE WHEN $22::boolean THEN 'password' END,
               CASE WHEN changed.tls_mode <> target.tls_mode THEN 'tls_mode' END,
               CASE WHEN changed.team_id IS DISTINCT FROM target.team_id THEN 'team_id' END,
               CASE WHEN changed.owner_user_id IS DISTINCT FROM target.owner_user_id THEN 'owner_user_id' END,
               CASE WHEN changed.visibility_scope <> target.visibility_scope THEN 'visibility_scope' END,
               CASE WHEN changed.is_active <> target.is_active THEN 'is_active' END,
               CASE WHEN changed.monitoring_enabled <> target.monitoring_enabled THEN 'monitoring_enabled' END,
               CASE WHEN changed.interval_s <> target.interval_s THEN 'interval_s' END,
               CASE WHEN changed.min_duration_ms <> target.min_duration_ms THEN 'min_duration_ms' END,
               CASE WHEN changed.keep_literals <> target.keep_literals THEN 'keep_literals' END,
               CASE WHEN changed.waits_enabled <> target.waits_enabled THEN 'waits_enabled' END,
               CASE WHEN changed.overhead_budget_percent <> target.overhead_budget_percent
                    THEN 'overhead_budget_percent' END], NULL) AS fields,
           jsonb_build_object('name', target.name, 'host', target.host, 'team_id', target.team_id, 'owner_user_id',
                              target.owner_user_id, 'visibility_scope', target.visibility_scope, 'is_active',
                              target.is_active, 'keep_literals', target.keep_literals, 'overhead_budget_percent',
                              target.overhead_budget_percent) AS was,
           jsonb_build_object('name', changed.name, 'host', changed.host, 'team_id', changed.team_id, 'owner_user_id',
                              changed.owner_user_id, 'visibility_scope', changed.visibility_scope, 'is_active',
                              changed.is_active, 'keep_literals', changed.keep_literals, 'overhead_budget_percent',
                              changed.overhead_budget_percent) AS now_is
    FROM changed JOIN target ON target.id = changed.id
), collection AS (
    UPDATE connection_collection AS collection
    SET next_run_at = now(),
        cursor = CASE WHEN difference.has_moved THEN '{}' ELSE collection.cursor END,
        lease_owner = CASE WHEN difference.has_moved THEN NULL ELSE collection.lease_owner END,
        lease_until = CASE WHEN difference.has_moved THEN NULL ELSE collection.lease_until END
    FROM difference
    WHERE collection.organization_id = difference.organization_id AND collection.database_connection_id = difference.id
      AND cardinality(difference.fields) > 0
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM difference WHERE organizations.id = difference.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, $4::bigint, 'connection_changed', 'database_connection', id, $23::text,
           jsonb_build_object('fields', fields, 'from', was, 'to', now_is)
    FROM difference WHERE cardinality(fields) > 0
)
SELECT is_allowed, is_team_fine, is_owner_fine, may_hide, is_engine_fine, may_monitor, lacks_team, lacks_owner,
       lacks_password, EXISTS (SELECT FROM difference WHERE has_moved) AS has_moved
FROM verdict
