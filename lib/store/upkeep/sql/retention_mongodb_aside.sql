-- Deletes at most $2 deltas of MongoDB reports of connections that are set aside, and counts them as dropped: those
-- that were made before $1, and those beyond a connection's newest 100000.
WITH gone AS (
    DELETE FROM mongodb_deltas
    WHERE ctid = ANY (ARRAY (
        SELECT surplus.place
        FROM rollup_set_aside AS held
        CROSS JOIN LATERAL ((SELECT ctid AS place FROM mongodb_deltas
                             WHERE database_connection_id = held.database_connection_id
                             ORDER BY bucket_at DESC OFFSET 100000)
                            UNION
                            (SELECT ctid FROM mongodb_deltas
                             WHERE database_connection_id = held.database_connection_id
                               AND made_at < $1::timestamptz)) AS surplus
        LIMIT $2::int))
    RETURNING organization_id, database_connection_id
)
UPDATE rollup_set_aside AS held SET dropped = held.dropped + counted.gone
FROM (SELECT organization_id, database_connection_id, count(*) AS gone
      FROM gone GROUP BY organization_id, database_connection_id) AS counted
WHERE held.organization_id = counted.organization_id AND held.database_connection_id = counted.database_connection_id
