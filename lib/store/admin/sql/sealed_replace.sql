-- $1 organization, $2 connection, $3 password, $4 agent token, sealed anew.
UPDATE database_connections SET password_ciphertext = $3::bytea, agent_token_ciphertext = $4::bytea
WHERE organization_id = $1::bigint AND id = $2::bigint
