-- Privileged. Replaces the agent token of a connection that the caller may change; false if there is no such
-- connection. The previous token stays valid for grace_s seconds.
CREATE OR REPLACE FUNCTION agent_token_replace(connection bigint, hash bytea, ciphertext bytea, hint text,
                                               grace_s bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE database_connections
    SET agent_token_previous_hash = CASE WHEN grace_s > 0 THEN agent_token_hash END,
        agent_token_previous_until = CASE WHEN grace_s > 0 THEN now() + grace_s * interval '1 second' END,
        agent_token_hash = hash, agent_token_ciphertext = ciphertext, agent_token_hint = hint, updated_at = now()
    WHERE organization_id = potto_organization() AND id = connection AND potto_role() IN ('member', 'admin')
      AND id = ANY (potto_connections());
    RETURN FOUND;
END $$;
