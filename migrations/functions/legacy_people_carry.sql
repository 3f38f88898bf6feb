-- Makes organizations, teams and users of the predecessors' rows; for legacy_accounts_carry(). Hashes of passwords are
-- kept. Whoever has no known role of an admin or viewer becomes a member. Whoever has no organization comes into the
-- first one, but not active if there are several: somebody must say that they belong there.
CREATE OR REPLACE FUNCTION legacy_people_carry() RETURNS void LANGUAGE plpgsql SET search_path = pg_temp, public AS $$
DECLARE
    home   bigint;
    is_one boolean;
BEGIN
    INSERT INTO organizations (id, name, is_active, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT id, CASE WHEN row_number() OVER (PARTITION BY name ORDER BY id) = 1 THEN name ELSE name || ' #' || id END,
           is_active, created_at
    FROM (SELECT known.id, left(coalesce(legacy_value(item, 'name'), 'organization ' || known.id), 180) AS name,
                 coalesce(lower(legacy_value(item, 'is_active', 'active')), 'true') NOT IN ('false', '0') AS is_active,
                 legacy_time(item ->> 'created_at') AS created_at
          FROM legacy_rows('legacy_organizations') AS item
          JOIN legacy_ids AS known ON known.name = 'organizations' AND known.old_id = item ->> 'id') AS given;
    INSERT INTO organizations (name) SELECT 'default' WHERE NOT EXISTS (SELECT FROM organizations);
    home := (SELECT min(id) FROM organizations);
    is_one := (SELECT count(*) = 1 FROM organizations);

    INSERT INTO teams (organization_id, id, name, created_at)
    OVERRIDING SYSTEM VALUE
    SELECT organization_id, id, CASE WHEN row_number() OVER (PARTITION BY organization_id, name ORDER BY id) = 1
                                     THEN name ELSE name || ' #' || id END, created_at
    FROM (SELECT coalesce(organization.id, home) AS organization_id, known.id,
                 left(coalesce(legacy_value(item, 'name'), 'team ' || known.id), 180) AS name,
                 legacy_time(item ->> 'created_at') AS created_at
          FROM legacy_rows('legacy_teams') AS item
          JOIN legacy_ids AS known ON known.name = 'teams' AND known.old_id = item ->> 'id'
          LEFT JOIN legacy_ids AS organization
                 ON organization.name = 'organizations' AND organization.old_id = item ->> 'organization_id') AS given;

    INSERT INTO users (organization_id, id, email, display_name, role, password_hash, is_active, last_login_at,
                       created_at)
    OVERRIDING SYSTEM VALUE
    SELECT organization_id, id,
           CASE WHEN row_number() OVER (PARTITION BY lower(email) ORDER BY id) = 1 THEN email
                ELSE id || '#' || email END,
           display_name, role::user_role, password_hash, is_active, last_login_at, created_at
    FROM (SELECT coalesce(organization.id, home) AS organization_id, known.id,
                 left(CASE WHEN person.name ~ '@' AND length(person.name) >= 3 THEN person.name
                           ELSE coalesce(person.name, 'user-' || known.id) || '@localhost' END, 230) AS email,
                 left(coalesce(legacy_value(item, 'display_name', 'full_name', 'name', 'username'), ''), 200)
                     AS display_name,
                 CASE WHEN lower(concat_ws(' ', item ->> 'is_superuser', item ->> 'is_admin')) ~ 'true|1'
                           OR lower(legacy_value(item, 'role')) IN ('admin', 'administrator', 'owner', 'superuser',
                                                                    'org_admin', 'super_admin') THEN 'admin'
                      WHEN lower(legacy_value(item, 'role')) IN ('viewer', 'read_only', 'readonly', 'guest')
                      THEN 'viewer'
                      ELSE 'member' END AS role,
                 coalesce(legacy_value(item, 'password_hash', 'hashed_password', 'password'), '!') AS password_hash,
                 coalesce(lower(legacy_value(item, 'is_active', 'active')), 'true') NOT IN ('false', '0')
                     AND (is_one OR organization.id IS NOT NULL) AS is_active,
                 CASE WHEN legacy_value(item, 'last_login_at', 'last_login') IS NOT NULL
                      THEN legacy_time(legacy_value(item, 'last_login_at', 'last_login')) END AS last_login_at,
                 legacy_time(item ->> 'created_at') AS created_at
          FROM legacy_rows('legacy_users') AS item
          CROSS JOIN LATERAL legacy_value(item, 'email', 'username') AS person (name)
          JOIN legacy_ids AS known ON known.name = 'users' AND known.old_id = item ->> 'id'
          LEFT JOIN legacy_ids AS organization
                 ON organization.name = 'organizations' AND organization.old_id = item ->> 'organization_id') AS given;

    INSERT INTO team_members (organization_id, team_id, user_id)
    SELECT DISTINCT teams.organization_id, teams.id, users.id
    FROM (SELECT item ->> 'team_id' AS team, item ->> 'user_id' AS person
          FROM unnest(ARRAY['legacy_team_members', 'team_memberships', 'team_users', 'user_teams']) AS link (name)
          CROSS JOIN LATERAL legacy_rows(link.name) AS item
          UNION ALL
          SELECT item ->> 'team_id', item ->> 'id' FROM legacy_rows('legacy_users') AS item) AS membership
    JOIN legacy_ids AS known_team ON known_team.name = 'teams' AND known_team.old_id = membership.team
    JOIN legacy_ids AS known_user ON known_user.name = 'users' AND known_user.old_id = membership.person
    JOIN teams ON teams.id = known_team.id
    JOIN users ON users.id = known_user.id AND users.organization_id = teams.organization_id;
END $$;
