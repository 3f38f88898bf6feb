-- Connections with a value that another key sealed (lib/crypto/seal.h: the key's id follows the first byte), locked.
-- $1 key id, $2 the last id before, $3 limit.
-- returns: organization_id bigint, id bigint, password_ciphertext bytea, agent_token_ciphertext bytea
SELECT organization_id, id, password_ciphertext, agent_token_ciphertext
FROM database_connections
WHERE id > $2::bigint
  AND (substring(password_ciphertext FROM 2 FOR 4) <> $1::bytea
       OR substring(agent_token_ciphertext FROM 2 FOR 4) <> $1::bytea)
ORDER BY id
LIMIT $3::int
FOR UPDATE
