-- Records the progress $4 (0..1) of job $2 of organization $1 for the run named $3, and renews its lease for $5
-- seconds. No row: another run has the job now.
-- returns: id bigint
UPDATE jobs SET progress = $4::float8, lease_until = now() + make_interval(secs => $5::int)
WHERE organization_id = $1::bigint AND id = $2::bigint AND lease_owner = $3::text AND state = 'running'
RETURNING id
