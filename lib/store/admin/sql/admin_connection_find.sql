-- $1 organization, $2 name, in any case.
-- returns: id bigint, agent_token_ciphertext bytea
SELECT id, agent_token_ciphertext FROM database_connections
WHERE organization_id = $1::bigint AND lower(name) = lower($2::text) AND deleted_at IS NULL
