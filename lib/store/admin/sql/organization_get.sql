-- $1 organization.
-- returns: id bigint, name text, created_at timestamptz, user_count bigint, team_count bigint,
--   connection_count bigint
SELECT organization.id, organization.name, organization.created_at,
       (SELECT count(*) FROM users AS person WHERE person.organization_id = organization.id) AS user_count,
       (SELECT count(*) FROM teams AS team WHERE team.organization_id = organization.id) AS team_count,
       (SELECT count(*) FROM database_connections AS connection
        WHERE connection.organization_id = organization.id AND connection.deleted_at IS NULL) AS connection_count
FROM organizations AS organization
WHERE true
  AND organization.id = $1::bigint -- scope
