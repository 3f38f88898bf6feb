-- $1 organization, $2 name.
-- returns: id bigint
SELECT id FROM teams WHERE organization_id = $1::bigint AND name = $2::text
