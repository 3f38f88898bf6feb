-- Privileged. The user of an API token. last_used_at is kept to the minute, so that a busy script writes once a minute.
-- No row: the token is unknown, expired or revoked.
CREATE OR REPLACE FUNCTION auth_api_token(hash bytea)
RETURNS TABLE (organization_id bigint, token_id bigint, user_id bigint, token_scope text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
DECLARE
    used_at timestamptz;
BEGIN
    SELECT api.organization_id, api.id, api.user_id, api.scope, api.last_used_at
    INTO organization_id, token_id, user_id, token_scope, used_at
    FROM api_tokens AS api
    WHERE api.token_hash = hash AND api.revoked_at IS NULL AND api.expires_at > now();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF used_at IS NULL OR used_at < now() - interval '1 minute' THEN
        UPDATE api_tokens AS api SET last_used_at = now()
        WHERE api.organization_id = auth_api_token.organization_id AND api.id = token_id;
    END IF;
    RETURN NEXT;
END $$;
