-- Privileged. The connection that an agent token belongs to. The token of before the last rotation is accepted until
-- its grace ends.
CREATE OR REPLACE FUNCTION auth_agent_scope(hash bytea)
RETURNS TABLE (organization_id bigint, connection_id bigint, data_version bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT connection.organization_id, connection.id, organization.data_version
    FROM database_connections AS connection
    JOIN organizations AS organization ON organization.id = connection.organization_id
    WHERE (connection.agent_token_hash = hash
           OR (connection.agent_token_previous_hash = hash AND connection.agent_token_previous_until > now()))
      AND connection.is_active AND organization.is_active;
END $$;
