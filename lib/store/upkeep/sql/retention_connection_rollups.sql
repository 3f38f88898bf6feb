-- Deletes at most $3 rows of resolution $1 that are older than $2, found by the index of each connection.
DELETE FROM query_metrics
WHERE ctid = ANY (ARRAY (
    SELECT metric.ctid
    FROM database_connections AS connection
    JOIN query_metrics AS metric
        ON metric.organization_id = connection.organization_id AND metric.database_connection_id = connection.id
           AND metric.resolution_s = $1::int AND metric.bucket_at < $2::timestamptz
    LIMIT $3::int))
