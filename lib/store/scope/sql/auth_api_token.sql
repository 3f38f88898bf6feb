-- The user of an API token; calls a privileged function. $1 SHA-256 of the token. No row: unknown, expired or revoked.
-- returns: organization_id bigint, token_id bigint, user_id bigint, token_scope text
SELECT organization_id, token_id, user_id, token_scope FROM auth_api_token($1::bytea)
