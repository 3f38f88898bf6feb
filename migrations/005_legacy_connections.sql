-- Samples without a connection get a synthetic one, visible to everybody in the
-- organization: one for each type, host and database.
ALTER TABLE slow_queries_raw ADD COLUMN IF NOT EXISTS organization_id bigint,
                             ADD COLUMN IF NOT EXISTS database_connection_id bigint;

INSERT INTO organizations (name)
SELECT 'default' WHERE NOT EXISTS (SELECT FROM organizations);

INSERT INTO database_connections (organization_id, name, engine, host, database_name, visibility_scope,
                                  is_legacy, monitoring_enabled)
SELECT (SELECT min(id) FROM organizations),
       left(concat_ws(' ', 'legacy', source_db_type, coalesce(source_db_host, '(no host)'), source_db_name), 190),
       CASE WHEN source_db_type ILIKE 'postgres%' THEN 'postgresql'
            WHEN source_db_type ILIKE 'oracle%' THEN 'oracle'
            WHEN source_db_type ILIKE 'mssql%' OR source_db_type ILIKE 'sqlserver%' THEN 'mssql'
            WHEN source_db_type ILIKE 'mongo%' THEN 'mongodb'
            ELSE 'mysql' END::database_engine,
       source_db_host, source_db_name, 'ORG_WIDE', true, false
FROM (SELECT DISTINCT source_db_type, source_db_host, source_db_name
      FROM slow_queries_raw WHERE database_connection_id IS NULL) AS triple;

UPDATE slow_queries_raw AS sample
SET organization_id = connection.organization_id, database_connection_id = connection.id
FROM database_connections AS connection
WHERE sample.database_connection_id IS NULL AND connection.is_legacy
  AND connection.name = left(concat_ws(' ', 'legacy', sample.source_db_type,
                             coalesce(sample.source_db_host, '(no host)'), sample.source_db_name), 190);
