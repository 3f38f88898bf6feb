-- Connections over a period, most time first, those that ran nothing too.
-- $1 organization, $2 chosen connections; $3 to $12: the period in tiers (store/read/tiers.h); $13 limit;
-- $14, $15: value and id of the last row of the page before, or NULL.
-- returns: id bigint, name text, engine text, calls bigint, slow_calls bigint, total_ms float8, everything_ms float8,
--   sort_key float8
WITH chosen AS (
    SELECT id, name, engine
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
), summed AS (
    SELECT database_connection_id, least(sum(calls), 9e18)::bigint AS calls,
           least(sum(slow_calls), 9e18)::bigint AS slow_calls, sum(total_ms) AS total_ms
    FROM connection_facts($3::timestamptz, $4::timestamptz, $5::timestamptz, $6::timestamptz, $7::timestamptz,
                          $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz,
                          $12::timestamptz) AS fact
    WHERE true
      AND fact.organization_id = $1::bigint -- scope
      AND fact.database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
    GROUP BY database_connection_id
), keyed AS (
    SELECT chosen.id, chosen.name, chosen.engine, coalesce(summed.calls, 0) AS calls,
           coalesce(summed.slow_calls, 0) AS slow_calls, coalesce(summed.total_ms, 0) AS total_ms,
           round(coalesce(summed.total_ms, 0) * 1000) AS sort_key
    FROM chosen LEFT JOIN summed ON summed.database_connection_id = chosen.id
)
SELECT id, name, engine::text AS engine, calls, slow_calls, total_ms,
       (SELECT sum(total_ms) FROM summed) AS everything_ms, sort_key
FROM keyed
WHERE $14::float8 IS NULL OR sort_key < $14::float8 OR sort_key = $14::float8 AND id > $15::bigint
ORDER BY sort_key DESC, id
LIMIT $13::int
