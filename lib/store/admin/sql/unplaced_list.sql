-- Connections with a value that is sealed without its place (lib/crypto/seal.h: the first byte is not 2). The columns
-- are those of sealed_list.sql.
-- $1 the last id before, $2 limit.
-- returns: organization_id bigint, id bigint, password_ciphertext bytea, agent_token_ciphertext bytea
SELECT organization_id, id, password_ciphertext, agent_token_ciphertext
FROM database_connections
WHERE id > $1::bigint
  AND (substring(password_ciphertext FROM 1 FOR 1) <> '\x02'
       OR substring(agent_token_ciphertext FROM 1 FOR 1) <> '\x02')
ORDER BY id
LIMIT $2::int
