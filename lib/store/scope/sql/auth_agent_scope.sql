-- The connection of an agent token; calls a privileged function. $1 SHA-256 of the token.
-- returns: organization_id bigint, connection_id bigint, data_version bigint
SELECT organization_id, connection_id, data_version FROM auth_agent_scope($1::bytea)
