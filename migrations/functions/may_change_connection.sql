-- Whether the caller may change the connection of that team and owner, where it is visible: an admin, its owner, or a
-- member of its team.
CREATE OR REPLACE FUNCTION may_change_connection(organization bigint, team bigint, owner bigint, caller bigint,
                                                 is_admin boolean)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (is_admin OR owner = caller
            OR EXISTS (SELECT FROM team_members AS membership
                       WHERE membership.organization_id = organization
                         AND membership.team_id = team AND membership.user_id = caller)) IS TRUE
$$;
