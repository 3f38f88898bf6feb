-- End a sign-in with all its refresh tokens. $1 organization, $2 family.
UPDATE refresh_tokens SET revoked_at = coalesce(revoked_at, now())
WHERE organization_id = $1::bigint AND family_id = $2::uuid
