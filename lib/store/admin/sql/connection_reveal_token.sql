-- Read the ciphertext of the agent token, and add a line to the audit log. The callers who may replace the token
-- (connection_set_token.sql) may read it.
-- $1 organization, $2 visible connections, $3 connection, $4 caller, $5 whether an admin, $6 remote address.
-- returns: is_allowed boolean, ciphertext bytea
WITH revealed AS (
    SELECT connection.organization_id, connection.id, permit.is_allowed,
           CASE WHEN permit.is_allowed THEN agent_token_sealed(connection.id) END AS ciphertext
    FROM database_connections AS connection
    CROSS JOIN LATERAL may_change_connection(connection.organization_id, connection.team_id, connection.owner_user_id,
                                             $4::bigint, $5::boolean) AS permit (is_allowed)
    WHERE connection.id = $3::bigint
      AND connection.organization_id = $1::bigint -- scope
      AND connection.id = ANY ($2::bigint[]) -- scope
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address)
    SELECT organization_id, $4::bigint, 'agent_token_revealed', 'database_connection', id, $6::text
    FROM revealed WHERE ciphertext IS NOT NULL
)
SELECT is_allowed, ciphertext FROM revealed
