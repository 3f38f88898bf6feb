-- The connections that have deltas of MongoDB reports to be folded and are not set aside, and how many of about $1 each
-- may have folded: organizations get equal shares, and so do the connections of one. Nobody waits for what another has
-- piled up. Planned each time, as rollup_fold.
-- returns: organization_id bigint, database_connection_id bigint, share bigint
WITH RECURSIVE waiting AS (
    -- The index is read at one place for each connection, however many deltas there are.
    (SELECT organization_id, database_connection_id FROM mongodb_deltas
     ORDER BY database_connection_id, bucket_at LIMIT 1)
    UNION ALL
    SELECT following.organization_id, following.database_connection_id
    FROM waiting
    CROSS JOIN LATERAL (SELECT delta.organization_id, delta.database_connection_id FROM mongodb_deltas AS delta
                        WHERE delta.database_connection_id > waiting.database_connection_id
                        ORDER BY delta.database_connection_id, delta.bucket_at LIMIT 1) AS following
), open AS (
    SELECT organization_id, database_connection_id FROM waiting
    WHERE NOT EXISTS (SELECT FROM rollup_set_aside AS held
                      WHERE held.organization_id = waiting.organization_id
                        AND held.database_connection_id = waiting.database_connection_id)
)
SELECT organization_id, database_connection_id,
       greatest($1::int / (SELECT count(DISTINCT organization_id) FROM open)
                / count(*) OVER (PARTITION BY organization_id), 1) AS share
FROM open
ORDER BY organization_id, database_connection_id
