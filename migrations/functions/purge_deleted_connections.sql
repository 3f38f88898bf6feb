-- Removes at most max_rows rows of deleted connections and returns how many it removed. It empties each table that has
-- the columns organization_id and database_connection_id, so that no later table is forgotten. Deltas go first: what a
-- fold makes of them meanwhile is found by the next call. The connection's own row goes last, when a call has found
-- nothing else. A connection that fails does not keep the others waiting; it is told when nothing else is left. The
-- first of each organization are taken by chance, so that nobody's data stay until another's pile is gone.
CREATE OR REPLACE FUNCTION purge_deleted_connections(max_rows int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    connection record;
    holder     regclass;
    removed    int;
    failure    text;
BEGIN
    FOR connection IN
        SELECT gone.organization_id, gone.id
        FROM (SELECT organization_id, id,
                     row_number() OVER (PARTITION BY organization_id ORDER BY deleted_at, id) AS place
              FROM database_connections WHERE deleted_at IS NOT NULL) AS ranked
        JOIN database_connections AS gone ON gone.organization_id = ranked.organization_id AND gone.id = ranked.id
        ORDER BY ranked.place, random() FOR UPDATE OF gone SKIP LOCKED
    LOOP
        BEGIN
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
            DELETE FROM database_connections
            WHERE organization_id = connection.organization_id AND id = connection.id;
            RETURN 1;
        EXCEPTION WHEN OTHERS THEN
            failure := coalesce(failure, format('connection %s: %s', connection.id, SQLERRM));
        END;
    END LOOP;
    IF failure IS NOT NULL THEN
        RAISE EXCEPTION '%', failure;
    END IF;
    RETURN 0;
END $$;
