-- Who calls and what they may see, read on every request. $1 organization, $2 user, $3 when the token was made (NULL: one that no new
-- password ends).
-- No row: no such user, deactivated, the organization deactivated, or the token too old.
SELECT person.email, person.role::text, organization.data_version,
       ARRAY (SELECT connection.id
              FROM database_connections AS connection
              WHERE connection.organization_id = person.organization_id AND connection.is_active
                AND (connection.visibility_scope = 'ORG_WIDE'
                     OR (connection.visibility_scope = 'USER_ONLY' AND connection.owner_user_id = person.id)
                     OR (connection.visibility_scope = 'TEAM_ONLY'
                         AND connection.team_id = ANY (ARRAY (SELECT membership.team_id
                                                              FROM team_members AS membership
                                                              WHERE membership.organization_id = $1::bigint
                                                                AND membership.user_id = $2::bigint))))
              ORDER BY connection.id)
FROM users AS person JOIN organizations AS organization ON organization.id = person.organization_id
WHERE person.organization_id = $1::bigint AND person.id = $2::bigint AND person.is_active AND organization.is_active
  AND ($3::timestamptz IS NULL OR person.tokens_valid_after <= $3::timestamptz)
