-- $1 organization.
-- returns: id bigint
SELECT id FROM organizations
WHERE true
  AND id = $1::bigint -- scope
FOR UPDATE
