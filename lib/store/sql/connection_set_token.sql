-- A new agent token; the one before stays good for a while, so that agents can be given the new one first.
-- Admins, the owner and members of the connection's team may. No row: not visible; false: visible, but may not.
-- $1 organization, $2 visible connections, $3 connection, $4 caller, $5 whether an admin, $6 hash, $7 ciphertext, $8 hint,
-- $9 grace in seconds (0: the old one ends now), $10 remote address.
WITH target AS (
    SELECT connection.organization_id, connection.id,
           ($5::boolean OR connection.owner_user_id = $4::bigint
            OR EXISTS (SELECT FROM team_members AS membership
                       WHERE membership.organization_id = $1::bigint AND membership.team_id = connection.team_id
                         AND membership.user_id = $4::bigint)) IS TRUE AS is_allowed
    FROM database_connections AS connection
    WHERE connection.organization_id = $1::bigint AND connection.id = ANY ($2::bigint[]) AND connection.id = $3::bigint
    FOR UPDATE
), changed AS (
    UPDATE database_connections AS connection
    SET agent_token_previous_hash = CASE WHEN $9::bigint > 0 THEN connection.agent_token_hash END,
        agent_token_previous_until = CASE WHEN $9::bigint > 0 THEN now() + $9::bigint * interval '1 second' END,
        agent_token_hash = $6::bytea, agent_token_ciphertext = $7::bytea, agent_token_hint = $8::text, updated_at = now()
    FROM target
    WHERE connection.organization_id = target.organization_id AND connection.id = target.id AND target.is_allowed
    RETURNING connection.organization_id, connection.id
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
