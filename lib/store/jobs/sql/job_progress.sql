-- How far job $2 of organization $1 has come, in the run named $3, which goes on for $5 seconds.
-- No row: it is not that run's any more.
-- returns: id bigint
UPDATE jobs SET progress = $4::float8, lease_until = now() + make_interval(secs => $5::int)
WHERE organization_id = $1::bigint AND id = $2::bigint AND lease_owner = $3::text AND state = 'running'
RETURNING id
