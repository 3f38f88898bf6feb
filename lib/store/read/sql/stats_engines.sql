-- Engines over a period, most time first.
-- $1 organization, $2 chosen connections; $3 to $12: the period in tiers (store/read/tiers.h).
-- returns: engine text, connections bigint, calls bigint, slow_calls bigint, total_ms float8
WITH chosen AS (
    SELECT id, engine
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
), summed AS (
    SELECT database_connection_id, sum(calls) AS calls, sum(slow_calls) AS slow_calls, sum(total_ms) AS total_ms
    FROM connection_facts($3::timestamptz, $4::timestamptz, $5::timestamptz, $6::timestamptz, $7::timestamptz,
                          $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz,
                          $12::timestamptz) AS fact
    WHERE true
      AND fact.organization_id = $1::bigint -- scope
      AND fact.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
    GROUP BY database_connection_id
)
SELECT chosen.engine::text AS engine, count(*) AS connections,
       least(coalesce(sum(summed.calls), 0), 9e18)::bigint AS calls,
       least(coalesce(sum(summed.slow_calls), 0), 9e18)::bigint AS slow_calls,
       coalesce(sum(summed.total_ms), 0) AS total_ms
FROM chosen LEFT JOIN summed ON summed.database_connection_id = chosen.id
GROUP BY chosen.engine
ORDER BY 5 DESC, chosen.engine
