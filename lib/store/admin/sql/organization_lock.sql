-- $1 organization.
SELECT id FROM organizations
WHERE true
  AND id = $1::bigint -- scope
FOR UPDATE
