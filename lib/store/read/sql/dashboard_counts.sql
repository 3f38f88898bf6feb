-- How many connections are chosen, how many of them collectors are to read (active and monitored, with a host), and how
-- many different statements they have ever run, without those that read catalogues alone.
-- $1 organization, $2 chosen connections.
-- returns: connections bigint, monitored bigint, fingerprints bigint
SELECT count(*) AS connections,
       count(*) FILTER (WHERE connection.monitoring_enabled AND connection.is_active AND NOT connection.is_legacy
                          AND connection.host IS NOT NULL) AS monitored,
       (SELECT count(*) FROM (SELECT sql_hash FROM query_fingerprint_connections AS seen
        WHERE true
          AND seen.organization_id = $1::bigint -- scope
          AND seen.database_connection_id = ANY ($2::bigint[]) -- scope
          AND seen.sql_hash NOT IN (SELECT query.sql_hash FROM query_fingerprints AS query
                                    WHERE query.is_catalog
                                      AND query.organization_id = $1::bigint -- scope
                                    )
        GROUP BY sql_hash) AS ran) AS fingerprints
FROM database_connections AS connection
WHERE true
  AND connection.organization_id = $1::bigint -- scope
  AND connection.id = ANY ($2::bigint[]) -- scope
