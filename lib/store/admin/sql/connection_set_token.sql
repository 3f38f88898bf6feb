-- Replace the agent token. The old one stays valid for a while, so that there is time to give agents the new one.
-- Admins, the owner and the members of the connection's team may do this.
-- $1 organization, $2 visible connections, $3 connection, $4 caller, $5 whether an admin, $6 hash, $7 ciphertext, $8
-- hint, $9 how long the old token stays valid in seconds, $10 remote address.
-- No row: the connection is not visible. false: the caller may not replace the token.
-- returns: is_allowed boolean
WITH target AS (
    SELECT connection.organization_id, connection.id,
           may_change_connection(connection.organization_id, connection.team_id, connection.owner_user_id, $4::bigint,
                                 $5::boolean) AS is_allowed
    FROM database_connections AS connection
    WHERE connection.id = $3::bigint
      AND connection.organization_id = $1::bigint -- scope
      AND connection.id = ANY ($2::bigint[]) -- scope
), changed AS (
    SELECT target.organization_id, target.id
    FROM target
    WHERE target.is_allowed AND agent_token_replace(target.id, $6::bytea, $7::bytea, $8::text, $9::bigint)
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM changed WHERE organizations.id = changed.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    SELECT organization_id, $4::bigint, 'agent_token_rotated', 'database_connection', id, $10::text,
           jsonb_build_object('grace_s', $9::bigint)
    FROM changed
)
SELECT is_allowed FROM target
