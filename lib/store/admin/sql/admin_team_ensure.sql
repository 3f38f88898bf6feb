-- $1 organization, $2 name.
-- returns: id bigint
INSERT INTO teams (organization_id, name) VALUES ($1::bigint, $2::text)
ON CONFLICT (organization_id, name) DO UPDATE SET name = excluded.name
RETURNING id
