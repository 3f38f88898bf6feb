-- Accounts: API tokens, throttled sign-in, removal of connections, who read literals.

-- Tokens of scripts: somebody's own rights, cut down to a scope, until a date.
CREATE TABLE api_tokens (
    organization_id bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    user_id         bigint NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    -- read: GET alone, as a viewer; write: as a member at most; admin: whatever the user may.
    scope           text NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    token_hash      bytea NOT NULL UNIQUE, -- SHA-256
    token_hint      text NOT NULL, -- pot_…last four
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL CHECK (expires_at <= created_at + interval '366 days'),
    last_used_at    timestamptz, -- to the minute
    revoked_at      timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX api_tokens_user ON api_tokens (organization_id, user_id);

-- Failed sign-ins, counted before the password is looked at and taken back if it was right. Keys are HMAC-SHA-256:
-- what people type where the address belongs may be a password.
CREATE TABLE sign_in_counters (
    kind          smallint NOT NULL, -- 1 an account from one network, 2 a network, 3 an account from networks strange to it
    key           bytea NOT NULL,
    failures      int NOT NULL,
    blocked_until timestamptz NOT NULL DEFAULT '-infinity',
    forget_at     timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX sign_in_counters_forget ON sign_in_counters (forget_at);

-- From where an account signed in lately: there it has a budget of its own. Keys as those of kind 1 above.
CREATE TABLE sign_in_networks (
    key             bytea PRIMARY KEY,
    last_success_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_networks_last_success ON sign_in_networks (last_success_at);

-- Seconds to wait after the failure that is `over` beyond what is free: 1, 2, 4, … to wait_max_s.
CREATE FUNCTION sign_in_wait_s(over int, wait_max_s int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN over <= 0 THEN 0 ELSE least(power(2, least(over - 1, 20))::int, wait_max_s) END
$$;

-- May somebody try a password now? Counts the attempt as a failure if so (wait_s 0); otherwise says how long to wait, and
-- counts nothing. An account that strangers besiege (more than account_free failures within a day) makes each
-- network that it does not know wait before its first attempt; nobody can use up another one's turn.
CREATE FUNCTION sign_in_admit(pair bytea, network bytea, account bytea, pair_free int, network_free int, account_free int,
                              OUT wait_s double precision, OUT is_known boolean)
LANGUAGE plpgsql AS $$
DECLARE
    wait_max_s CONSTANT int := 900;
    memory     CONSTANT interval := interval '1 hour'; -- of a failure, counted from the end of its wait
    siege      CONSTANT interval := interval '1 day';
    at         timestamptz := clock_timestamp();
    until      timestamptz;
    counter    record;
    besieged   int := 0; -- failures of strangers beyond account_free
    is_new     boolean := false; -- this network has not tried this account lately
BEGIN
    is_known := EXISTS (SELECT FROM sign_in_networks AS known
                        WHERE known.key = pair AND known.last_success_at > at - interval '30 days');
    -- Who must wait is told so without a write.
    SELECT coalesce(max(c.blocked_until), '-infinity') INTO until FROM sign_in_counters AS c
    WHERE ((c.kind = 1 AND c.key = pair) OR (c.kind = 2 AND c.key = network AND NOT is_known)) AND c.forget_at > at;
    IF until > at THEN
        wait_s := extract(epoch FROM until - at);
        RETURN;
    END IF;
    -- Locks are taken in the order of kinds everywhere, so that two attempts never wait for each other.
    FOR counter IN
        INSERT INTO sign_in_counters AS c (kind, key, failures, forget_at)
        SELECT wanted.kind, wanted.key, 0, at + memory
        FROM (VALUES (1::smallint, pair), (2::smallint, network), (3::smallint, account)) AS wanted (kind, key)
        WHERE wanted.kind = 1 OR NOT is_known
        ORDER BY wanted.kind
        ON CONFLICT ON CONSTRAINT sign_in_counters_pkey DO UPDATE
        SET failures = CASE WHEN c.forget_at > at THEN c.failures ELSE 0 END,
            blocked_until = CASE WHEN c.forget_at > at THEN c.blocked_until ELSE '-infinity' END,
            forget_at = CASE WHEN c.forget_at > at THEN c.forget_at ELSE excluded.forget_at END
        RETURNING c.kind, c.failures, c.blocked_until
    LOOP
        IF counter.kind = 3 THEN
            besieged := greatest(counter.failures - account_free + 1, 0);
        ELSE
            until := greatest(until, counter.blocked_until); -- another attempt may have counted meanwhile
        END IF;
        IF counter.kind = 1 THEN
            is_new := counter.failures = 0 AND counter.blocked_until = '-infinity';
        END IF;
    END LOOP;
    at := clock_timestamp();
    IF besieged > 0 AND is_new THEN
        until := greatest(until, at + make_interval(secs => sign_in_wait_s(besieged, wait_max_s / 3)));
        UPDATE sign_in_counters AS c SET blocked_until = until, forget_at = until + make_interval(secs => wait_max_s)
        WHERE c.kind = 1 AND c.key = pair;
    END IF;
    wait_s := CASE WHEN until > at THEN extract(epoch FROM until - at) ELSE 0 END;
    IF wait_s > 0 THEN
        RETURN;
    END IF;
    pair_free := CASE WHEN besieged > 0 THEN 0 ELSE pair_free END;
    UPDATE sign_in_counters AS c
    SET failures = c.failures + 1,
        blocked_until = at + make_interval(secs => sign_in_wait_s(c.failures + 1 - pair_free, wait_max_s)),
        forget_at = at + make_interval(secs => sign_in_wait_s(c.failures + 1 - pair_free, wait_max_s)) + memory
    WHERE c.kind = 1 AND c.key = pair;
    IF is_known THEN
        RETURN;
    END IF;
    UPDATE sign_in_counters AS c
    SET failures = c.failures + 1,
        blocked_until = at + make_interval(secs => sign_in_wait_s(c.failures + 1 - network_free, wait_max_s)),
        forget_at = at + make_interval(secs => sign_in_wait_s(c.failures + 1 - network_free, wait_max_s)) + memory
    WHERE c.kind = 2 AND c.key = network;
    UPDATE sign_in_counters AS c SET failures = c.failures + 1, forget_at = at + siege
    WHERE c.kind = 3 AND c.key = account;
END $$;

-- The password was right: what sign_in_admit counted is taken back, and the network is one that the account knows.
CREATE FUNCTION sign_in_succeeded(pair bytea, network bytea, account bytea, was_known boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sign_in_counters WHERE kind = 1 AND key = pair;
    IF NOT was_known THEN
        UPDATE sign_in_counters SET failures = greatest(failures - 1, 0) WHERE kind = 2 AND key = network;
        UPDATE sign_in_counters SET failures = greatest(failures - 1, 0) WHERE kind = 3 AND key = account;
    END IF;
    INSERT INTO sign_in_networks (key) VALUES (pair)
    ON CONFLICT (key) DO UPDATE SET last_success_at = excluded.last_success_at;
END $$;

-- One line in the audit log for each user, sample (or database, of lists) and day: the index is what keeps it at one.
CREATE UNIQUE INDEX audit_log_literals_once
    ON audit_log (organization_id, user_id, action, subject_id, ((at AT TIME ZONE 'UTC')::date))
    WHERE action IN ('literals_revealed', 'literals_listed');

-- A deleted connection is hidden at once and keeps no secret; potto-collector removes its data piece by piece, then its row.
ALTER TABLE database_connections ADD COLUMN deleted_at timestamptz;
CREATE INDEX database_connections_deleted ON database_connections (deleted_at) WHERE deleted_at IS NOT NULL;

-- Remove at most max_rows rows of deleted connections; returns how many went. Every table that has the columns
-- organization_id and database_connection_id is emptied, so that a later table is not forgotten here. Deltas
-- first: what is folded from them meanwhile is found by the next call, and the connection's row goes last, when one call has
-- found nothing.
CREATE FUNCTION purge_deleted_connections(max_rows int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    connection record;
    holder     regclass;
    removed    int;
BEGIN
    SELECT organization_id, id INTO connection FROM database_connections
    WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    FOR holder IN -- partitions one by one
        SELECT class.oid::regclass FROM pg_class AS class
        WHERE class.relnamespace = 'public'::regnamespace AND class.relkind = 'r'
          AND (SELECT count(*) FROM pg_attribute AS attribute
               WHERE attribute.attrelid = class.oid AND NOT attribute.attisdropped
                 AND attribute.attname IN ('organization_id', 'database_connection_id')) = 2
        ORDER BY class.relname <> 'rollup_deltas', class.relname
    LOOP
        EXECUTE format('DELETE FROM %1$s WHERE ctid = ANY (ARRAY (SELECT ctid FROM %1$s
                        WHERE organization_id = $1 AND database_connection_id = $2 LIMIT $3))', holder)
        USING connection.organization_id, connection.id, max_rows;
        GET DIAGNOSTICS removed = ROW_COUNT;
        IF removed > 0 THEN
            RETURN removed;
        END IF;
    END LOOP;
    DELETE FROM database_connections WHERE organization_id = connection.organization_id AND id = connection.id;
    RETURN 1;
END $$;
