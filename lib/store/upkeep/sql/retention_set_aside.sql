-- Deletes at most $2 deltas that are set aside and were made before $1, and counts them as dropped.
WITH gone AS (
    DELETE FROM rollup_deltas_set_aside
    WHERE ctid = ANY (ARRAY (SELECT ctid FROM rollup_deltas_set_aside WHERE made_at < $1::timestamptz LIMIT $2::int))
    RETURNING organization_id, database_connection_id
)
UPDATE rollup_set_aside AS held SET deltas = held.deltas - counted.gone, dropped = held.dropped + counted.gone
FROM (SELECT organization_id, database_connection_id, count(*) AS gone
      FROM gone GROUP BY organization_id, database_connection_id) AS counted
WHERE held.organization_id = counted.organization_id AND held.database_connection_id = counted.database_connection_id
