-- Privileged. May somebody try a password now? If so, counts the attempt as a failure and returns wait_s 0; otherwise
-- returns how long to wait and counts nothing. When strangers attack an account (more than account_free failures within
-- a day), each network that the account does not know waits before its first attempt. Nobody can use up the attempts of
-- another network.
CREATE OR REPLACE FUNCTION sign_in_admit(pair bytea, network bytea, account bytea, pair_free int, network_free int,
                                         account_free int, OUT wait_s double precision, OUT is_known boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
