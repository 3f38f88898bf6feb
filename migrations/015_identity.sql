-- Who is who: agents, whose sessions have ended, and who makes admins.

-- ---- an agent is known by the connection of its token and its host ----
-- Databases of one host can be different teams'. When they had one collector together, each team overwrote what the other's
-- agent said of itself, read it, and was told at its registration whether there was another.

ALTER TABLE collectors
    ADD COLUMN database_connection_id bigint, -- whose token an agent has; NULL: a daemon
    ADD COLUMN former_id              bigint, -- by which an agent still knows itself: of the row that it shared before this migration
    ADD FOREIGN KEY (organization_id, database_connection_id) REFERENCES database_connections ON DELETE CASCADE;
DROP INDEX collectors_host;

-- Nobody sees an agent without a connection.
DELETE FROM collectors WHERE kind = 'agent' AND NOT EXISTS (SELECT FROM collector_databases WHERE collector_id = collectors.id);
UPDATE collectors SET database_connection_id = (SELECT min(database_connection_id) FROM collector_databases
                                                WHERE collector_id = collectors.id)
WHERE kind = 'agent';
-- One that served several becomes several; of what was said of it nobody knows any more who said it.
WITH shared AS (
    UPDATE collectors SET version = '', detail = '{}', registered_at = link.linked_at,
                          last_seen_at = coalesce(link.last_ingest_at, link.linked_at)
    FROM collector_databases AS link
    WHERE link.collector_id = collectors.id AND link.database_connection_id = collectors.database_connection_id
      AND (SELECT count(*) FROM collector_databases WHERE collector_id = collectors.id) > 1
    RETURNING collectors.id, collectors.hostname, collectors.database_connection_id
), split AS (
    INSERT INTO collectors (organization_id, kind, hostname, version, registered_at, last_seen_at, database_connection_id, former_id)
    SELECT link.organization_id, 'agent', shared.hostname, '', link.linked_at, coalesce(link.last_ingest_at, link.linked_at),
           link.database_connection_id, shared.id
    FROM shared JOIN collector_databases AS link
        ON link.collector_id = shared.id AND link.database_connection_id <> shared.database_connection_id
    RETURNING id, database_connection_id, former_id
)
UPDATE collector_databases AS link SET collector_id = split.id
FROM split WHERE link.collector_id = split.former_id AND link.database_connection_id = split.database_connection_id;

ALTER TABLE collectors ADD CHECK ((kind = 'daemon') = (database_connection_id IS NULL));
CREATE UNIQUE INDEX collectors_host ON collectors (organization_id, database_connection_id, kind, hostname) NULLS NOT DISTINCT;

-- An agent says that it is there, for the connection of the scope. is_new: it was not known.
CREATE OR REPLACE FUNCTION collector_register(agent_hostname text, agent_version text, OUT collector_id bigint, OUT is_new boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    own_organization CONSTANT bigint := potto_organization();
    own_connection   CONSTANT bigint := (potto_connections())[1];
BEGIN
    IF potto_role() IS DISTINCT FROM 'agent' OR own_organization IS NULL OR own_connection IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'only agents register';
    END IF;
    INSERT INTO collectors AS known (organization_id, database_connection_id, kind, hostname, version)
    VALUES (own_organization, own_connection, 'agent', agent_hostname, agent_version)
    ON CONFLICT (organization_id, database_connection_id, kind, hostname) DO UPDATE
    SET version = excluded.version, status = 'online', last_seen_at = now()
    RETURNING known.id, known.xmax = 0 INTO collector_id, is_new;
    INSERT INTO collector_databases (organization_id, collector_id, database_connection_id)
    VALUES (own_organization, collector_register.collector_id, own_connection)
    ON CONFLICT DO NOTHING;
END $$;

-- ---- a session opened before the end of sessions ends with them ----
-- What opens one and what ends them hold the user's row, one after the other; each is dated while it holds it, by the store's
-- clock. Dated by a worker's, before it waited or after it had let go, an access token could seem younger than the end that
-- came after it.

-- A fresh refresh token; the user's expired ones go, so that they do not pile up. seen_password_hash: the one by which the
-- caller was let in just now; NULL for who had a session. Comes back: of when the access token is. NULL: it is no longer that
-- password, or the user or the organization is not active any more.
DROP FUNCTION auth_session_open(bigint, bigint, uuid, bytea, bigint, text);
CREATE FUNCTION auth_session_open(organization bigint, caller bigint, family uuid, hash bytea, life_s bigint,
                                  seen_password_hash text)
RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    ended_at timestamptz;
BEGIN
    SELECT person.tokens_valid_after INTO ended_at
    FROM users AS person JOIN organizations ON organizations.id = person.organization_id
    WHERE person.organization_id = organization AND person.id = caller AND person.is_active AND organizations.is_active
      AND (seen_password_hash IS NULL OR person.password_hash = seen_password_hash)
    FOR NO KEY UPDATE OF person;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM refresh_tokens WHERE organization_id = organization AND user_id = caller AND expires_at < now();
    IF seen_password_hash IS NOT NULL THEN
        UPDATE users SET last_login_at = now() WHERE organization_id = organization AND id = caller;
    END IF;
    INSERT INTO refresh_tokens (organization_id, user_id, family_id, token_hash, expires_at)
    VALUES (organization, caller, family, hash, now() + life_s * interval '1 second');
    RETURN greatest(clock_timestamp(), ended_at + interval '1 microsecond');
END $$;

-- The caller's own new password, in place of the one that the caller has shown to know. False: it is another by now.
DROP FUNCTION auth_password_change(text, text, timestamptz, text);
CREATE FUNCTION auth_password_change(seen_password_hash text, fresh_password_hash text, remote_address text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE users SET password_hash = fresh_password_hash, tokens_valid_after = clock_timestamp()
    WHERE organization_id = potto_organization() AND id = potto_user() AND password_hash = seen_password_hash;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address)
    VALUES (potto_organization(), potto_user(), 'password_changed', 'user', potto_user(), remote_address);
    RETURN true;
END $$;

-- Whoever ends sessions, whenever they think it is: a trigger before an update has waited for the row, the statement has not.
CREATE FUNCTION users_date_end() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    new.tokens_valid_after := greatest(clock_timestamp(), old.tokens_valid_after + interval '1 microsecond');
    RETURN new;
END $$;
CREATE TRIGGER users_date_end BEFORE UPDATE OF tokens_valid_after ON users
FOR EACH ROW WHEN (new.tokens_valid_after <> old.tokens_valid_after) EXECUTE FUNCTION users_date_end();

-- A caller's scope by an access token that has been checked; asked on every request. `issued_at` NULL: a token that no new password
-- ends. No row: no such user, deactivated, the organization deactivated, or the token not younger than the last end of sessions.
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

-- ---- only admins change users ----
-- Nobody changes the own row any more but for the password, which has a door: it holds the role.
DO $$
DECLARE
    own_organization CONSTANT text := 'organization_id = (SELECT potto_organization())';
    is_admin         CONSTANT text := own_organization || ' AND (SELECT potto_role()) = ''admin''';
BEGIN
    PERFORM potto_wall('users', 'SELECT, INSERT, DELETE,
                       UPDATE (email, display_name, role, is_active, password_hash, tokens_valid_after)',
                       own_organization || ' AND (SELECT potto_user()) > 0', is_admin, is_admin, is_admin);
END $$;
