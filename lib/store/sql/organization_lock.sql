-- $1 organization.
SELECT id FROM organizations WHERE id = $1::bigint FOR UPDATE
