-- Privileged. Registers an agent for the connection of the scope. is_new: it was not known before.
CREATE OR REPLACE FUNCTION collector_register(agent_hostname text, agent_version text, OUT collector_id bigint,
                                              OUT is_new boolean)
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
