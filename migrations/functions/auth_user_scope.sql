-- Privileged. The scope of a caller whose access token has been checked; every request calls this. issued_at NULL: an
-- API token, which a new password does not end. No row: the user or the organization is missing or not active, or the
-- token is not younger than the last end of sessions.
CREATE OR REPLACE FUNCTION auth_user_scope(organization bigint, caller bigint, issued_at timestamptz)
RETURNS TABLE (email text, role text, data_version bigint, connection_ids bigint[])
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT person.email, person.role::text, organizations.data_version,
           ARRAY (SELECT connection.id
                  FROM database_connections AS connection
                  WHERE connection.organization_id = organization AND connection.is_active
                    AND (connection.visibility_scope = 'ORG_WIDE'
                         OR (connection.visibility_scope = 'USER_ONLY' AND connection.owner_user_id = caller)
                         OR (connection.visibility_scope = 'TEAM_ONLY'
                             AND connection.team_id = ANY (ARRAY (SELECT membership.team_id
                                                                  FROM team_members AS membership
                                                                  WHERE membership.organization_id = organization
                                                                    AND membership.user_id = caller))))
                  ORDER BY connection.id)
    FROM users AS person JOIN organizations ON organizations.id = person.organization_id
    WHERE person.organization_id = organization AND person.id = caller AND person.is_active AND organizations.is_active
      AND (issued_at IS NULL OR person.tokens_valid_after < issued_at);
END $$;
