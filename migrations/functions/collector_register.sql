-- Privileged. Registers an agent for the connection of the scope. is_new: it was not known before. wait_s above 0: it
-- says something new too often (agent_wait_s), and nothing was written. Otherwise without an id: agents_max others are
-- registered, and none of them has been silent for 15 minutes; the one that was silent for longest makes room.
CREATE OR REPLACE FUNCTION collector_register(agent_hostname text, agent_version text, agents_max bigint,
                                              OUT collector_id bigint, OUT is_new boolean, OUT wait_s double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    own_organization CONSTANT bigint := potto_organization();
    own_connection   CONSTANT bigint := (potto_connections())[1];
    known            record;
BEGIN
    IF potto_role() IS DISTINCT FROM 'agent' OR own_organization IS NULL OR own_connection IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'only agents register';
    END IF;
    -- One registration of a connection at a time, so that the count is exact.
    PERFORM pg_advisory_xact_lock(hashtextextended(format('quota agents %s', own_connection), 0));
    SELECT agent.id, agent.version, agent.last_seen_at, agent_writes(agent.writes, agent.last_seen_at) AS writes
    INTO known
    FROM collectors AS agent
    WHERE agent.organization_id = own_organization AND agent.database_connection_id = own_connection
      AND agent.kind = 'agent' AND agent.hostname = agent_hostname;
    is_new := NOT FOUND;
    wait_s := 0;
    IF NOT is_new THEN
        collector_id := known.id;
        IF known.version = agent_version AND known.last_seen_at > now() - interval '10 seconds' THEN
            RETURN; -- nothing new
        END IF;
        wait_s := agent_wait_s(known.writes);
        IF wait_s = 0 THEN
            UPDATE collectors SET version = agent_version, status = 'online', last_seen_at = now(),
                                  writes = known.writes + 1
            WHERE id = known.id;
        END IF;
        RETURN;
    END IF;
    IF (SELECT count(*) FROM collectors AS agent
        WHERE agent.organization_id = own_organization AND agent.database_connection_id = own_connection) >= agents_max
    THEN
        DELETE FROM collectors WHERE id = (
            SELECT agent.id FROM collectors AS agent
            WHERE agent.organization_id = own_organization AND agent.database_connection_id = own_connection
              AND agent.last_seen_at < now() - interval '15 minutes'
            ORDER BY agent.last_seen_at LIMIT 1);
        IF NOT FOUND THEN
            RETURN;
        END IF;
    END IF;
    INSERT INTO collectors (organization_id, database_connection_id, kind, hostname, version)
    VALUES (own_organization, own_connection, 'agent', agent_hostname, agent_version)
    RETURNING id INTO collector_id;
    INSERT INTO collector_databases (organization_id, collector_id, database_connection_id)
    VALUES (own_organization, collector_register.collector_id, own_connection);
END $$;
