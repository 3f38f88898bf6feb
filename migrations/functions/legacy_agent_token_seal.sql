-- Stores the sealed agent token of a predecessor's connection and removes the one in clear, of which the hint stays.
CREATE OR REPLACE FUNCTION legacy_agent_token_seal(organization bigint, connection bigint, ciphertext bytea)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    known CONSTANT bytea := (SELECT agent_token_hash FROM database_connections
                             WHERE organization_id = organization AND id = connection);
BEGIN
    UPDATE database_connections SET agent_token_ciphertext = ciphertext
    WHERE organization_id = organization AND id = connection;
    EXECUTE 'UPDATE legacy_database_connections
             SET agent_token = left(''sealed '' || $1 || '' '' || right(agent_token, 4), length(agent_token))
             WHERE sha256(convert_to(agent_token, ''UTF8'')) = $2' USING connection, known;
END $$;
