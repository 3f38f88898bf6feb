-- Who is who: agents.

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
