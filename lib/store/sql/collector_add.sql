INSERT INTO collectors (organization_id, kind, hostname, version)
VALUES ($1::bigint, 'agent', $2::text, $3::text)
RETURNING id
