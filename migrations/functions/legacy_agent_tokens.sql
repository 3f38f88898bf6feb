-- Agent tokens that the predecessors stored in clear and that are not sealed yet.
CREATE OR REPLACE FUNCTION legacy_agent_tokens()
RETURNS TABLE (organization_id bigint, connection_id bigint, agent_token text) LANGUAGE sql STABLE AS $$
    SELECT connection.organization_id, connection.id, item ->> 'agent_token'
    FROM legacy_rows('legacy_database_connections') AS item
    JOIN database_connections AS connection
      ON connection.agent_token_hash = sha256(convert_to(item ->> 'agent_token', 'UTF8'))
    WHERE connection.agent_token_ciphertext IS NULL
    ORDER BY 2
$$;
