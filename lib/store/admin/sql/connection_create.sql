-- Make a connection. Its first run is due now, the audit log gets a line, and cached answers become stale.
-- $1 organization, $2 owner or 0, $3 whether any team of the organization may be chosen (else: only a team of the
-- owner). The fields of a new connection follow, in the order of connection_fields.c: $4 name, $5 engine, $6 host, $7
-- port, $8 database, $9 username, $10 TLS mode, $11 team, $12 visibility, $13 monitored, $14 interval in seconds, $15
-- least duration in ms, $16 whether literals are kept, $17 whether sessions are looked at, $18 overhead budget in
-- percent, $19 ciphertext of the password.
-- Agent token: $20 hash, $21 ciphertext, $22 hint. $23 remote address, $24 id (connection_reserve.sql).
-- No row: the team may not be chosen.
-- returns: id bigint
WITH permit AS (
    SELECT $24::bigint AS id
    WHERE $11::bigint IS NULL
       OR EXISTS (SELECT FROM teams AS team
                  WHERE team.id = $11::bigint
                    AND team.organization_id = $1::bigint -- scope
                    AND ($3::boolean
                         OR EXISTS (SELECT FROM team_members AS membership
                                    WHERE membership.team_id = team.id
                                      AND membership.organization_id = $1::bigint -- scope
                                      AND membership.user_id = $2::bigint)))
), fresh AS (
    INSERT INTO database_connections (organization_id, id, owner_user_id, name, engine, host, port, database_name,
                                      username, password_ciphertext, tls_mode, team_id, visibility_scope,
                                      monitoring_enabled, interval_s, min_duration_ms, keep_literals, waits_enabled,
                                      overhead_budget_percent, agent_token_hash, agent_token_ciphertext,
                                      agent_token_hint)
    OVERRIDING SYSTEM VALUE
    SELECT $1::bigint, id, nullif($2::bigint, 0), $4::text, $5::text::database_engine, $6::text, $7::bigint, $8::text,
           $9::text, $19::bytea, $10::text::tls_mode, $11::bigint, $12::text::visibility_scope, $13::boolean,
           $14::bigint, $15::float8, $16::boolean, $17::boolean, $18::float8, $20::bytea, $21::bytea, $22::text
    FROM permit
), collection AS (
    INSERT INTO connection_collection (organization_id, database_connection_id, next_run_at)
    SELECT $1::bigint, id, now() FROM permit
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM permit WHERE organizations.id = $1::bigint
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT $1::bigint, nullif($2::bigint, 0), 'connection_created', 'database_connection', id, $23::text,
           jsonb_build_object('name', $4::text, 'engine', $5::text, 'host', $6::text,
                              'visibility_scope', $12::text)
    FROM permit
)
SELECT id FROM permit
