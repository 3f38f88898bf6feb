-- The days (UTC) of each connection whose rollups can be rebuilt from samples, with the number of samples. From $1 to
-- $2; of connection $3, or of all if it is 0; if $4, only of those with samples of the predecessors. Days before the
-- retention mark are left out, because their samples may be gone. Connections that can only have samples of the
-- predecessors have a mark of their own.
-- returns: organization_id bigint, id bigint, at timestamptz, samples bigint
SELECT connection.organization_id, connection.id, day.at, sum(day.samples)::bigint AS samples
FROM (SELECT organization_id, database_connection_id, bucket_at AS at, 0 AS samples
      FROM query_metrics WHERE resolution_s = 86400 AND sample_calls > 0
      UNION ALL
      SELECT organization_id, database_connection_id, date_bin('1 day', captured_at, '2000-01-01 00:00:00+00') AS at,
             count(*) AS samples
      FROM slow_queries_raw
      WHERE $3::bigint = 0 OR database_connection_id = $3
      GROUP BY organization_id, database_connection_id, at) AS day
JOIN database_connections AS connection
    ON connection.organization_id = day.organization_id AND connection.id = day.database_connection_id
WHERE day.at >= $1::timestamptz AND day.at < $2::timestamptz AND ($3 = 0 OR connection.id = $3)
  AND (NOT $4::bool OR connection.is_legacy
       OR EXISTS (SELECT FROM slow_queries_raw AS sample
                  WHERE sample.organization_id = connection.organization_id
                    AND sample.database_connection_id = connection.id AND sample.provenance = 4))
  AND day.at >= coalesce((SELECT until FROM retention_marks
                          WHERE name = CASE WHEN connection.is_legacy AND connection.agent_token_hash IS NULL
                                            THEN 'legacy' ELSE 'samples' END), '-infinity')
GROUP BY connection.organization_id, connection.id, day.at
ORDER BY connection.organization_id, connection.id, day.at
