-- $1 organization.
SELECT organization.id, organization.name, organization.created_at,
       (SELECT count(*) FROM users AS person WHERE person.organization_id = organization.id),
       (SELECT count(*) FROM teams AS team WHERE team.organization_id = organization.id),
       (SELECT count(*) FROM database_connections AS connection
        WHERE connection.organization_id = organization.id AND connection.deleted_at IS NULL)
FROM organizations AS organization
WHERE true
  AND organization.id = $1::bigint -- scope
