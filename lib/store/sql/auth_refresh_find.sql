-- A refresh token with its user, locked: of two uses at once the second sees what the first did.
-- $1 SHA-256 of the token, $2 seconds of grace after its replacement.
SELECT person.organization_id, person.id, person.email, person.display_name, person.role::text,
       person.is_active AND organization.is_active,
       token.id, token.family_id,
       token.revoked_at IS NULL AND token.expires_at > now(),
       token.replaced_at IS NOT NULL,
       coalesce(token.replaced_at > now() - $2::bigint * interval '1 second', false)
FROM refresh_tokens AS token
JOIN users AS person ON person.organization_id = token.organization_id AND person.id = token.user_id
JOIN organizations AS organization ON organization.id = token.organization_id
WHERE token.token_hash = $1::bytea
FOR UPDATE OF token
