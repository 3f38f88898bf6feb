-- The end of the run named $3, which found nothing out, for no fault of the database: the next one may begin in ten
-- seconds.
UPDATE session_watches SET lease_owner = NULL, lease_until = NULL, next_at = now() + interval '10 seconds'
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND lease_owner = $3::text
