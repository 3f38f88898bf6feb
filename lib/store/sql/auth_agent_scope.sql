-- The connection of an agent token; the token before the last rotation counts while its grace lasts.
-- $1 SHA-256 of the token.
SELECT connection.organization_id, connection.id, organization.data_version
FROM database_connections AS connection JOIN organizations AS organization ON organization.id = connection.organization_id
WHERE (connection.agent_token_hash = $1::bytea
       OR (connection.agent_token_previous_hash = $1::bytea AND connection.agent_token_previous_until > now()))
  AND connection.is_active AND organization.is_active
