-- The predecessors' samples get connections, one for each type, host and database, which everybody in the organization
-- sees. Columns of 001 that the predecessors' table lacks are added; a column that it has keeps its type.
LOCK TABLE slow_queries_raw IN ACCESS EXCLUSIVE MODE;
ALTER TABLE slow_queries_raw ADD COLUMN IF NOT EXISTS id bigserial,
                             ADD COLUMN IF NOT EXISTS source_db_host text,
                             ADD COLUMN IF NOT EXISTS source_db_name text,
                             ADD COLUMN IF NOT EXISTS fingerprint text,
                             ADD COLUMN IF NOT EXISTS sql_hash text,
                             ADD COLUMN IF NOT EXISTS full_sql text,
                             ADD COLUMN IF NOT EXISTS duration_ms double precision,
                             ADD COLUMN IF NOT EXISTS rows_examined bigint,
                             ADD COLUMN IF NOT EXISTS rows_returned bigint,
                             ADD COLUMN IF NOT EXISTS user_host text,
                             ADD COLUMN IF NOT EXISTS plan_json jsonb,
                             ADD COLUMN IF NOT EXISTS captured_at timestamptz,
                             ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(),
                             ADD COLUMN IF NOT EXISTS organization_id bigint,
                             ADD COLUMN IF NOT EXISTS database_connection_id bigint;

INSERT INTO organizations (name)
SELECT 'default' WHERE NOT EXISTS (SELECT FROM organizations);

-- The triple that each of these connections stands for. Two triples whose names look alike stay two.
CREATE TABLE legacy_connections (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    triple                 uuid NOT NULL UNIQUE, -- of the three below, which can be NULL or too long for an index
    source_db_type         text,
    source_db_host         text,
    source_db_name         text,
    PRIMARY KEY (organization_id, database_connection_id)
);

-- The text of a row distinguishes NULL from an empty text, and shows where each column ends.
CREATE FUNCTION legacy_triple(source_db_type text, source_db_host text, source_db_name text) RETURNS uuid
LANGUAGE sql IMMUTABLE AS $$
    SELECT md5(ROW(source_db_type, source_db_host, source_db_name)::text)::uuid
$$;

-- Makes a connection for each triple that has none and writes its id into the samples. 006 calls it again, since the
-- predecessors may have written after 005.
CREATE FUNCTION legacy_connections_ensure() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    organization CONSTANT bigint := (SELECT min(id) FROM organizations);
    found        record;
    base         text;
    candidate    text;
    number       int;
    connection   bigint;
BEGIN
    FOR found IN
        SELECT DISTINCT source_db_type::text AS kind, source_db_host::text AS host, source_db_name::text AS name
        FROM slow_queries_raw WHERE database_connection_id IS NULL
        ORDER BY 1, 2, 3
    LOOP
        IF EXISTS (SELECT FROM legacy_connections WHERE triple = legacy_triple(found.kind, found.host, found.name)) THEN
            CONTINUE;
        END IF;
        base := left(regexp_replace(concat_ws(' ', 'legacy', found.kind, coalesce(found.host, '(no host)'), found.name),
                                    '[[:cntrl:]]', '?', 'g'), 180);
        candidate := base;
        number := 1;
        WHILE EXISTS (SELECT FROM database_connections
                      WHERE organization_id = organization AND lower(database_connections.name) = lower(candidate)) LOOP
            number := number + 1;
            candidate := base || ' #' || number;
        END LOOP;
        INSERT INTO database_connections (organization_id, name, engine, host, database_name, visibility_scope,
                                          is_legacy, monitoring_enabled)
        VALUES (organization, candidate,
                CASE WHEN found.kind ILIKE 'postgres%' OR found.kind ILIKE 'pg%' THEN 'postgresql'
                     WHEN found.kind ILIKE 'oracle%' THEN 'oracle'
                     WHEN found.kind ILIKE 'mssql%' OR found.kind ILIKE 'sqlserver%'
                         OR found.kind ILIKE 'sql server%' THEN 'mssql'
                     WHEN found.kind ILIKE 'mongo%' THEN 'mongodb'
                     ELSE 'mysql' END::database_engine,
                found.host, found.name, 'ORG_WIDE', true, false)
        RETURNING id INTO connection;
        INSERT INTO legacy_connections (organization_id, database_connection_id, triple, source_db_type, source_db_host,
                                        source_db_name)
        VALUES (organization, connection, legacy_triple(found.kind, found.host, found.name), found.kind, found.host,
                found.name);
    END LOOP;
    UPDATE slow_queries_raw AS sample
    SET organization_id = known.organization_id, database_connection_id = known.database_connection_id
    FROM legacy_connections AS known
    WHERE sample.database_connection_id IS NULL
      AND known.triple = legacy_triple(sample.source_db_type::text, sample.source_db_host::text,
                                       sample.source_db_name::text);
END $$;
SELECT legacy_connections_ensure();
