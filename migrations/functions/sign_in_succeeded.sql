-- Privileged. The password was right: takes back what sign_in_admit() counted and remembers the network as one that the
-- account knows.
CREATE OR REPLACE FUNCTION sign_in_succeeded(pair bytea, network bytea, account bytea, was_known boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM sign_in_counters WHERE kind = 1 AND key = pair;
    IF NOT was_known THEN
        UPDATE sign_in_counters SET failures = greatest(failures - 1, 0) WHERE kind = 2 AND key = network;
        UPDATE sign_in_counters SET failures = greatest(failures - 1, 0) WHERE kind = 3 AND key = account;
    END IF;
    INSERT INTO sign_in_networks (key) VALUES (pair)
    ON CONFLICT (key) DO UPDATE SET last_success_at = excluded.last_success_at;
END $$;
