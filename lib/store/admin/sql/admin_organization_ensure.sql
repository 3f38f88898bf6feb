-- $1 name. The update that changes nothing is what makes RETURNING answer for a row that was there.
-- returns: id bigint
INSERT INTO organizations (name) VALUES ($1::text)
ON CONFLICT (name) DO UPDATE SET name = excluded.name
RETURNING id
