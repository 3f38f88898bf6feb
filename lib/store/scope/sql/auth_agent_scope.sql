-- The connection of an agent token; calls a privileged function. $1 SHA-256 of the token.
-- returns: organization_id bigint, connection_id bigint, data_version bigint, spent_bytes float8, spent_rows float8,
--   spent_statements float8, spent_age_s float8, organization_bytes float8, organization_rows float8,
--   organization_statements float8, organization_age_s float8, is_store_full boolean
SELECT organization_id, connection_id, data_version, spent_bytes, spent_rows, spent_statements, spent_age_s,
       organization_bytes, organization_rows, organization_statements, organization_age_s, is_store_full
FROM auth_agent_scope($1::bytea)
