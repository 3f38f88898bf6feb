-- Row-level security: the second wall behind the filters that every statement has (docs/security.md). The API's role,
-- potto_api, owns nothing and sees in a transaction only what these settings of the transaction give, so that a
-- forgotten filter returns nothing rather than everything. The owner (command line, collector) is not bound.

-- ---- the scope of a transaction, set by lib/store/sql/scope_set.sql; unset: nobody's, which sees nothing ----

CREATE FUNCTION potto_organization() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('potto.organization_id', true), '')::bigint
$$;
-- 0: an agent.
CREATE FUNCTION potto_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('potto.user_id', true), '')::bigint
$$;
-- viewer, member, admin or agent.
CREATE FUNCTION potto_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('potto.role', true), '')
$$;
-- Connections whose queries the caller may read.
CREATE FUNCTION potto_connections() RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('potto.connection_ids', true), '')::bigint[]
$$;

-- Whether an admin administers: what lib/store says of single statements, so that all others see what is visible alone.
CREATE FUNCTION potto_administers() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('potto.administers', true), '') = 'on' AND potto_role() = 'admin'
$$;

-- ---- walls ----

-- Which tables are walled, and what the API's roles may do with them; potto_grants() makes it so.
CREATE TABLE row_walls (
    table_name name PRIMARY KEY, -- or a sequence's
    api_may    text NOT NULL DEFAULT '', -- potto_api: privileges as GRANT takes them; SELECT leaves secret columns out
    ingest_may text NOT NULL DEFAULT ''  -- potto_ingest
);

-- Wall a table with an organization_id; with a database_connection_id too, its rows are seen by who sees the connection.
-- `sees` is another condition than this standard one.
--
-- Both are asked once for a statement: the organization is an InitPlan and can be looked up in an index; the connections are a
-- hashed SubPlan, which deliberately cannot be. `database_connection_id = ANY (…)` could, and would then be a
-- second array on the column of the statement's own filter: PostgreSQL tries each pair of the two, and takes no
-- order from such an index (the newest samples of 100 connections: 2,500 ms instead of 6).
CREATE FUNCTION potto_wall(walled regclass, api_may text DEFAULT 'SELECT', sees text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF sees IS NULL THEN
        sees := 'organization_id = (SELECT potto_organization())';
        IF EXISTS (SELECT FROM pg_attribute AS attribute
                   WHERE attribute.attrelid = walled AND attribute.attname = 'database_connection_id') THEN
            sees := sees || ' AND database_connection_id IN (SELECT unnest(potto_connections()))';
        END IF;
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('DROP POLICY IF EXISTS wall ON %s', walled);
    EXECUTE format('CREATE POLICY wall ON %s USING (%s)', walled, sees);
    INSERT INTO row_walls AS known (table_name, api_may) SELECT relname, potto_wall.api_may FROM pg_class WHERE oid = walled
    ON CONFLICT (table_name) DO UPDATE SET api_may = excluded.api_may;
END $$;

-- A table that different people may read and write: rows that a statement shows, changes or removes, and rows that it may leave
-- behind. NULL: nothing may be written so.
CREATE FUNCTION potto_wall(walled regclass, api_may text, sees text, inserts text, changes text, removes text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM potto_wall(walled, api_may, sees);
    EXECUTE format('DROP POLICY wall ON %s', walled);
    EXECUTE format('DROP POLICY IF EXISTS wall_select ON %1$s; DROP POLICY IF EXISTS wall_insert ON %1$s;'
                   'DROP POLICY IF EXISTS wall_update ON %1$s; DROP POLICY IF EXISTS wall_delete ON %1$s', walled);
    EXECUTE format('CREATE POLICY wall_select ON %s FOR SELECT USING (%s)', walled, sees);
    EXECUTE format('CREATE POLICY wall_insert ON %s FOR INSERT WITH CHECK (%s)', walled, coalesce(inserts, 'false'));
    EXECUTE format('CREATE POLICY wall_update ON %s FOR UPDATE USING (%s)', walled, coalesce(changes, 'false'));
    EXECUTE format('CREATE POLICY wall_delete ON %s FOR DELETE USING (%s)', walled, coalesce(removes, 'false'));
END $$;

-- What the ingest transaction's role may do with a table. It is not bound by walls (COPY does not work for a role that is), so it
-- reads no more than the columns by which duplicates are found.
CREATE FUNCTION potto_ingest_wall(walled regclass, ingest_may text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO row_walls AS known (table_name, ingest_may) SELECT relname, $2 FROM pg_class WHERE oid = walled
    ON CONFLICT (table_name) DO UPDATE SET ingest_may = excluded.ingest_may
$$;

-- Grant what row_walls says and nothing else, to the roles that exist; `potto migrate` ends with this. Comes back: what a superuser
-- must run, one statement a row, for the roles to be what the walls need.
CREATE FUNCTION potto_grants() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    owner_name CONSTANT name := current_user;
    has_api    CONSTANT boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'potto_api');
    has_ingest CONSTANT boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'potto_ingest');
    item       record;
    readable   text;
BEGIN
    FOR item IN SELECT rolname FROM pg_roles WHERE rolname IN ('potto_api', 'potto_ingest') LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM %I', item.rolname);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM %I', item.rolname);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', item.rolname);
    END LOOP;
    -- Tables, partitions, views and sequences of ours; what others own (extensions) is theirs to grant. GRANT and REVOKE on a
    -- table leave its columns' privileges, unless all are revoked.
    FOR item IN
        SELECT class.oid::regclass AS name, class.relname, class.relkind, role.rolname, class.relispartition, wall.api_may,
               wall.ingest_may
        FROM pg_class AS class
        CROSS JOIN pg_roles AS role
        LEFT JOIN row_walls AS wall ON wall.table_name = class.relname
        WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p', 'v', 'm', 'S')
          AND class.relowner = owner_name::regrole AND role.rolname IN ('potto_api', 'potto_ingest')
    LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I', CASE item.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, item.name,
                       item.rolname);
        IF item.relispartition THEN
            CONTINUE;
        END IF;
        IF item.rolname = 'potto_api' AND item.api_may <> '' THEN
            SELECT CASE WHEN count(*) FILTER (WHERE is_secret) > 0
                        THEN format('SELECT (%s)', string_agg(quote_ident(attname), ', ' ORDER BY attnum) FILTER (WHERE NOT is_secret))
                        ELSE 'SELECT' END INTO readable
            FROM (SELECT attname, attnum, attname ~ '(password|token|secret)(_previous)?_(hash|ciphertext)$' AS is_secret
                  FROM pg_attribute WHERE attrelid = item.name AND attnum > 0 AND NOT attisdropped) AS attribute;
            EXECUTE format('GRANT %s ON %s %s TO potto_api', regexp_replace(item.api_may, '\mSELECT\M(?! *\()', readable),
                           CASE item.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, item.name);
        ELSIF item.rolname = 'potto_ingest' AND item.ingest_may <> '' THEN
            EXECUTE format('GRANT %s ON %s TO potto_ingest', item.ingest_may, item.name);
        END IF;
    END LOOP;
    -- Functions that act as the owner are the doors in the wall: for potto_api alone.
    FOR item IN SELECT oid::regprocedure AS name FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace AND prosecdef AND proowner = owner_name::regrole LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', item.name);
        IF has_api THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO potto_api', item.name);
        END IF;
    END LOOP;
    -- What only a superuser can put right.
    IF NOT has_api THEN
        RETURN NEXT 'CREATE ROLE potto_api LOGIN NOINHERIT PASSWORD ''…'';';
        RETURN NEXT format('GRANT CONNECT ON DATABASE %I TO potto_api;', current_database());
    END IF;
    IF NOT has_ingest THEN
        RETURN NEXT 'CREATE ROLE potto_ingest NOLOGIN BYPASSRLS;';
    ELSIF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'potto_ingest') THEN
        RETURN NEXT 'ALTER ROLE potto_ingest BYPASSRLS;';
    END IF;
    IF NOT has_api OR NOT has_ingest THEN
        RETURN NEXT 'GRANT potto_ingest TO potto_api;';
        RETURN;
    END IF;
    IF NOT pg_has_role('potto_api', 'potto_ingest', 'MEMBER') THEN
        RETURN NEXT 'GRANT potto_ingest TO potto_api;';
    END IF;
    IF pg_has_role('potto_api', 'potto_ingest', 'USAGE') THEN -- has its privileges without asking for them
        RETURN NEXT CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'ALTER ROLE potto_api NOINHERIT;'
                         ELSE 'GRANT potto_ingest TO potto_api WITH INHERIT FALSE;' END;
    END IF;
    IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'potto_api') THEN
        RETURN NEXT 'ALTER ROLE potto_api NOSUPERUSER NOBYPASSRLS;';
    ELSIF pg_has_role('potto_api', owner_name, 'MEMBER') THEN
        RETURN NEXT format('REVOKE %I FROM potto_api;', owner_name);
    END IF;
END $$;

-- ---- the tables of 004 to 008 ----

-- Whether there is a password is no secret; the ciphertext is.
ALTER TABLE database_connections
    ADD COLUMN has_password boolean GENERATED ALWAYS AS (password_ciphertext IS NOT NULL) STORED;
ALTER VIEW query_metrics_daily SET (security_invoker = true);

DO $$
DECLARE
    own_organization CONSTANT text := 'organization_id = (SELECT potto_organization())';
    is_user          CONSTANT text := own_organization || ' AND (SELECT potto_user()) > 0';
    is_admin         CONSTANT text := own_organization || ' AND (SELECT potto_role()) = ''admin''';
    is_member        CONSTANT text := own_organization || ' AND (SELECT potto_role()) IN (''member'', ''admin'')';
    own_user         CONSTANT text := own_organization || ' AND (user_id = (SELECT potto_user()) OR (SELECT potto_role()) = ''admin'')';
    -- An admin who administers reaches every connection of the organization; queries are read by who sees the connection.
    administered     CONSTANT text := own_organization
        || ' AND (%I IN (SELECT unnest(potto_connections())) OR (SELECT potto_administers()))';
    unwalled         record;
BEGIN
    -- Facts: written by ingest, the collector and the command line.
    PERFORM potto_wall('slow_queries_raw');
    PERFORM potto_wall('query_fingerprint_connections');
    PERFORM potto_wall('query_fingerprint_metrics');
    PERFORM potto_wall('query_metrics');
    PERFORM potto_wall('query_plans');
    -- A text is stored once for the organization, and seen by who sees a connection that has run it: the subselect is walled too.
    -- Not EXISTS, for which PostgreSQL plans a second way each time, one that reads where everything was ever seen.
    PERFORM potto_wall('query_fingerprints', 'SELECT',
                       own_organization || ' AND (SELECT true FROM query_fingerprint_connections AS seen
                       WHERE seen.organization_id = query_fingerprints.organization_id
                         AND seen.sql_hash = query_fingerprints.sql_hash LIMIT 1)');
    PERFORM potto_ingest_wall('slow_queries_raw',
                              'INSERT, SELECT (organization_id, database_connection_id, captured_at, sample_digest)');
    PERFORM potto_ingest_wall('rollup_deltas', 'INSERT');
    PERFORM potto_ingest_wall('query_fingerprints', 'INSERT, SELECT (organization_id, sql_hash)');
    PERFORM potto_ingest_wall('query_fingerprint_connections', 'INSERT, SELECT, UPDATE (first_seen_at, last_seen_at)');
    PERFORM potto_ingest_wall('query_plans', 'INSERT, UPDATE (last_seen_at),
        SELECT (organization_id, database_connection_id, sql_hash, plan_hash, last_seen_at)');
    PERFORM potto_ingest_wall('ingest_batches', 'INSERT, SELECT, UPDATE (accepted, duplicates)');

    -- Who there is.
    PERFORM potto_wall('organizations', 'SELECT, UPDATE (name, data_version)', 'id = (SELECT potto_organization())');
    PERFORM potto_wall('users', 'SELECT, INSERT, UPDATE, DELETE', is_user, is_admin,
                       own_organization || ' AND (id = (SELECT potto_user()) OR (SELECT potto_role()) = ''admin'')', is_admin);
    PERFORM potto_wall('teams', 'SELECT, INSERT, UPDATE, DELETE', is_user, is_admin, is_admin, is_admin);
    PERFORM potto_wall('team_members', 'SELECT, INSERT, DELETE', is_user, is_admin, NULL, is_admin);
    PERFORM potto_wall('refresh_tokens', 'SELECT, UPDATE (revoked_at)', own_user);
    PERFORM potto_wall('api_tokens', 'SELECT, INSERT, UPDATE (revoked_at)', own_user);
    PERFORM potto_wall('audit_log', 'SELECT, INSERT', own_user, own_organization, NULL, NULL);

    -- What is monitored. A new connection is not in the scope of who makes it; it is in the answer to its creation.
    PERFORM potto_wall('database_connections', 'SELECT, INSERT, UPDATE', format(administered, 'id'), is_member,
                       format(administered, 'id'), NULL);
    INSERT INTO row_walls (table_name, api_may) VALUES ('database_connections_id_seq', 'USAGE');
    PERFORM potto_wall('connection_collection', 'SELECT, INSERT, UPDATE', format(administered, 'database_connection_id'),
                       is_member, format(administered, 'database_connection_id'), NULL);
    -- How far collection has come is the collector's; a database that moves begins anew.
    PERFORM potto_wall('counter_baselines', 'SELECT (organization_id, database_connection_id), DELETE',
                       format(administered, 'database_connection_id'));
    PERFORM potto_wall('collector_databases');
    -- Agents that serve a visible connection; Potto's own daemons serve all and are nobody's.
    PERFORM potto_wall('collectors', 'SELECT, UPDATE',
                       '(organization_id IS NULL AND (SELECT potto_organization()) IS NOT NULL OR ' || own_organization
                       || ' AND EXISTS (SELECT FROM collector_databases AS link
                                        WHERE link.organization_id = collectors.organization_id AND link.collector_id = collectors.id))',
                       NULL,
                       own_organization || ' AND EXISTS (SELECT FROM collector_databases AS link
                       WHERE link.organization_id = collectors.organization_id AND link.collector_id = collectors.id)',
                       NULL);
    PERFORM potto_wall('jobs', 'SELECT, INSERT', own_organization || ' AND user_id = (SELECT potto_user())
                       AND (database_connection_id IS NULL OR database_connection_id IN (SELECT unnest(potto_connections())))');

    -- Every other table of tenants is closed to the API, and walled all the same.
    FOR unwalled IN
        SELECT class.oid::regclass AS name FROM pg_class AS class
        JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attname = 'organization_id'
        WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') AND NOT class.relispartition
          AND NOT class.relrowsecurity
    LOOP
        PERFORM potto_wall(unwalled.name, '');
    END LOOP;
END $$;

-- ---- doors: what is asked before anybody is known, and what needs a secret column ----
-- They act as the owner, whatever the caller may see, and so each does one thing, under a fixed search_path.

-- A caller's scope by an access token that has been checked; asked on every request. `issued_at` NULL: a token that no new password
-- ends. No row: no such user, deactivated, the organization deactivated, or the token too old.
CREATE FUNCTION auth_user_scope(organization bigint, caller bigint, issued_at timestamptz)
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
      AND (issued_at IS NULL OR person.tokens_valid_after <= issued_at);
END $$;

-- The connection of an agent token; the token before the last rotation counts while its grace lasts.
CREATE FUNCTION auth_agent_scope(hash bytea) RETURNS TABLE (organization_id bigint, connection_id bigint, data_version bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT connection.organization_id, connection.id, organization.data_version
    FROM database_connections AS connection JOIN organizations AS organization ON organization.id = connection.organization_id
    WHERE (connection.agent_token_hash = hash
           OR (connection.agent_token_previous_hash = hash AND connection.agent_token_previous_until > now()))
      AND connection.is_active AND organization.is_active;
END $$;

-- Whose API token this is; last_used_at is kept to the minute, so that a busy script writes once a minute. No row: unknown,
-- expired, revoked.
CREATE FUNCTION auth_api_token(hash bytea)
RETURNS TABLE (organization_id bigint, token_id bigint, user_id bigint, token_scope text)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
DECLARE
    used_at timestamptz;
BEGIN
    SELECT api.organization_id, api.id, api.user_id, api.scope, api.last_used_at
    INTO organization_id, token_id, user_id, token_scope, used_at
    FROM api_tokens AS api
    WHERE api.token_hash = hash AND api.revoked_at IS NULL AND api.expires_at > now();
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF used_at IS NULL OR used_at < now() - interval '1 minute' THEN
        UPDATE api_tokens AS api SET last_used_at = now()
        WHERE api.organization_id = auth_api_token.organization_id AND api.id = token_id;
    END IF;
    RETURN NEXT;
END $$;

-- Who has an address, its ASCII letters in lower case, and by which password they are known.
CREATE FUNCTION auth_account_by_email(address text)
RETURNS TABLE (organization_id bigint, user_id bigint, email text, display_name text, role text, password_hash text,
               is_active boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT person.organization_id, person.id, person.email, person.display_name, person.role::text, person.password_hash,
           person.is_active AND organization.is_active
    FROM users AS person JOIN organizations AS organization ON organization.id = person.organization_id
    WHERE lower(person.email) = address;
END $$;

-- A refresh token with its user, locked: of two uses at once the second sees what the first did. grace_s: seconds after its
-- replacement in which it is still taken.
CREATE FUNCTION auth_refresh_find(hash bytea, grace_s bigint)
RETURNS TABLE (organization_id bigint, user_id bigint, email text, display_name text, role text, is_active boolean,
               token_id bigint, family_id uuid, is_alive boolean, is_replaced boolean, is_in_grace boolean)
LANGUAGE plpgsql SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT person.organization_id, person.id, person.email, person.display_name, person.role::text,
           person.is_active AND organization.is_active,
           token.id, token.family_id,
           token.revoked_at IS NULL AND token.expires_at > now(),
           token.replaced_at IS NOT NULL,
           coalesce(token.replaced_at > now() - grace_s * interval '1 second', false)
    FROM refresh_tokens AS token
    JOIN users AS person ON person.organization_id = token.organization_id AND person.id = token.user_id
    JOIN organizations AS organization ON organization.id = token.organization_id
    WHERE token.token_hash = hash
    FOR UPDATE OF token;
END $$;

-- Used once; the first use counts: grace does not renew itself.
CREATE FUNCTION auth_refresh_replace(organization bigint, token bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE refresh_tokens SET replaced_at = coalesce(replaced_at, now()) WHERE organization_id = organization AND id = token;
END $$;

-- End a sign-in with all its refresh tokens.
CREATE FUNCTION auth_family_end(organization bigint, family uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE refresh_tokens SET revoked_at = coalesce(revoked_at, now())
    WHERE organization_id = organization AND family_id = family;
END $$;

-- A fresh refresh token; the user's expired ones go, so that they do not pile up.
CREATE FUNCTION auth_session_open(organization bigint, caller bigint, family uuid, hash bytea, life_s bigint, is_sign_in boolean)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM refresh_tokens WHERE organization_id = organization AND user_id = caller AND expires_at < now();
    IF is_sign_in THEN
        UPDATE users SET last_login_at = now() WHERE organization_id = organization AND id = caller;
    END IF;
    INSERT INTO refresh_tokens (organization_id, user_id, family_id, token_hash, expires_at)
    VALUES (organization, caller, family, hash, now() + life_s * interval '1 second');
END $$;

-- A line in the audit log: of the caller's own organization, or, while nobody is known (a sign-in), of the one that it concerns.
CREATE FUNCTION audit_append(organization bigint, caller bigint, action text, subject_kind text, subject bigint,
                             remote_address text, detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF organization <> coalesce(potto_organization(), organization) THEN
        RAISE insufficient_privilege USING MESSAGE = 'another organization''s audit log';
    END IF;
    INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
    VALUES (organization, nullif(caller, 0), action, subject_kind, nullif(subject, 0), remote_address, detail);
END $$;

-- The throttle of 008 keeps its counters to itself.
ALTER FUNCTION sign_in_admit(bytea, bytea, bytea, int, int, int) SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION sign_in_succeeded(bytea, bytea, bytea, boolean) SECURITY DEFINER SET search_path = public, pg_temp;
-- A few counters and networks that no longer count: more than a sign-in adds, so that they do not pile up.
CREATE FUNCTION sign_in_trim() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM sign_in_counters WHERE (kind, key) IN (
        SELECT kind, key FROM sign_in_counters WHERE forget_at < now()
        ORDER BY forget_at LIMIT 10 FOR UPDATE SKIP LOCKED);
    DELETE FROM sign_in_networks WHERE key IN (
        SELECT key FROM sign_in_networks WHERE last_success_at < now() - interval '30 days'
        ORDER BY last_success_at LIMIT 10 FOR UPDATE SKIP LOCKED);
END $$;

-- An agent says that it is there, for the connection of the scope. Agents of other connections on the same host are the same
-- collector, though the caller does not see it. is_new: there was none.
CREATE FUNCTION collector_register(agent_hostname text, agent_version text, OUT collector_id bigint, OUT is_new boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    own_organization CONSTANT bigint := potto_organization();
    own_connection   CONSTANT bigint := (potto_connections())[1];
BEGIN
    IF potto_role() IS DISTINCT FROM 'agent' OR own_organization IS NULL OR own_connection IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'only agents register';
    END IF;
    INSERT INTO collectors AS known (organization_id, kind, hostname, version)
    VALUES (own_organization, 'agent', agent_hostname, agent_version)
    ON CONFLICT (organization_id, kind, hostname) DO UPDATE
    SET version = excluded.version, status = 'online', last_seen_at = now()
    RETURNING known.id, known.xmax = 0 INTO collector_id, is_new;
    INSERT INTO collector_databases (organization_id, collector_id, database_connection_id)
    VALUES (own_organization, collector_register.collector_id, own_connection)
    ON CONFLICT DO NOTHING;
END $$;

-- Replace the agent token of a connection that the caller may change; the one before is taken for grace_s seconds.
CREATE FUNCTION agent_token_replace(connection bigint, hash bytea, ciphertext bytea, hint text, grace_s bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE database_connections
    SET agent_token_previous_hash = CASE WHEN grace_s > 0 THEN agent_token_hash END,
        agent_token_previous_until = CASE WHEN grace_s > 0 THEN now() + grace_s * interval '1 second' END,
        agent_token_hash = hash, agent_token_ciphertext = ciphertext, agent_token_hint = hint, updated_at = now()
    WHERE organization_id = potto_organization() AND id = connection AND potto_role() IN ('member', 'admin')
      AND id = ANY (potto_connections());
    RETURN FOUND;
END $$;

-- The agent token of a visible connection, sealed.
CREATE FUNCTION agent_token_sealed(connection bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT agent_token_ciphertext FROM database_connections
            WHERE organization_id = potto_organization() AND id = connection AND id = ANY (potto_connections())
              AND potto_role() IN ('member', 'admin'));
END $$;

-- Numbers of /health and /metrics, over all organizations. backlog_max: how far the backlog is counted.
CREATE FUNCTION health_numbers(backlog_max int)
RETURNS TABLE (daemons_online bigint, daemons bigint, agents_online bigint, agents bigint, daemon_seen_at timestamptz,
               monitored bigint, failed bigint, lag_s float8, deltas bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT collector.daemons_online, collector.daemons, collector.agents_online, collector.agents, collector.daemon_seen_at,
           connections.monitored, connections.failed, connections.lag_s, backlog.deltas
    FROM (SELECT count(*) FILTER (WHERE kind = 'daemon' AND last_seen_at > now() - interval '3 minutes') AS daemons_online,
                 count(*) FILTER (WHERE kind = 'daemon') AS daemons,
                 count(*) FILTER (WHERE kind = 'agent' AND last_seen_at > now() - interval '3 minutes') AS agents_online,
                 count(*) FILTER (WHERE kind = 'agent') AS agents,
                 max(last_seen_at) FILTER (WHERE kind = 'daemon') AS daemon_seen_at
          FROM collectors) AS collector,
         (SELECT count(*) AS monitored,
                 count(*) FILTER (WHERE collection.state = 'failed') AS failed,
                 coalesce(greatest(extract(epoch FROM max(now() - collection.next_run_at)), 0), 0)::float8 AS lag_s
          FROM database_connections AS connection
          LEFT JOIN connection_collection AS collection
              ON collection.organization_id = connection.organization_id
                 AND collection.database_connection_id = connection.id
          WHERE connection.is_active AND connection.monitoring_enabled AND connection.host IS NOT NULL) AS connections,
         (SELECT count(*) AS deltas FROM (SELECT FROM rollup_deltas LIMIT backlog_max) AS few) AS backlog;
END $$;
