UPDATE collectors SET version = $3::text, status = 'online', last_seen_at = now()
WHERE organization_id = $1::bigint AND id = $2::bigint
