-- The connections that have deltas to be folded and are not set aside, and how many deltas: those of $1 and later, and
-- those before. Each is counted to $2. The index is read at one place for each connection, however many deltas there
-- are. Planned each time, as rollup_fold.
-- returns: organization_id bigint, database_connection_id bigint, current_count bigint, past_count bigint
WITH RECURSIVE waiting AS (
    (SELECT organization_id, database_connection_id FROM rollup_deltas
     ORDER BY database_connection_id, bucket_at LIMIT 1)
    UNION ALL
    SELECT following.organization_id, following.database_connection_id
    FROM waiting
    CROSS JOIN LATERAL (SELECT delta.organization_id, delta.database_connection_id FROM rollup_deltas AS delta
                        WHERE delta.database_connection_id > waiting.database_connection_id
                        ORDER BY delta.database_connection_id, delta.bucket_at LIMIT 1) AS following
)
SELECT organization_id, database_connection_id,
       (SELECT count(*) FROM (SELECT FROM rollup_deltas AS delta
                              WHERE delta.database_connection_id = waiting.database_connection_id
                                AND delta.bucket_at >= $1::timestamptz LIMIT $2::int) AS few) AS current_count,
       (SELECT count(*) FROM (SELECT FROM rollup_deltas AS delta
                              WHERE delta.database_connection_id = waiting.database_connection_id
                                AND delta.bucket_at < $1 LIMIT $2) AS few) AS past_count
FROM waiting
WHERE NOT EXISTS (SELECT FROM rollup_set_aside AS held
                  WHERE held.organization_id = waiting.organization_id
                    AND held.database_connection_id = waiting.database_connection_id)
ORDER BY organization_id, database_connection_id
