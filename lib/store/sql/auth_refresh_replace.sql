-- Used once. $1 organization, $2 refresh token. The first use counts: grace does not renew itself.
UPDATE refresh_tokens SET replaced_at = coalesce(replaced_at, now())
WHERE organization_id = $1::bigint AND id = $2::bigint
