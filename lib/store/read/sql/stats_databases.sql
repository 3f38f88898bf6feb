-- Connections over a period, most time first, those that ran nothing too.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0;
-- $6 to $15: the period in tiers (store/read/tiers.h); $16 limit;
-- $17, $18: value and id of the last row of the page before, or NULL.
-- returns: id bigint, name text, engine text, calls bigint, slow_calls bigint, total_ms float8, everything_ms float8,
--   sort_key float8
WITH chosen AS (
    SELECT id, name, engine
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
), summed AS (
    SELECT database_connection_id, least(sum(calls), 9e18)::bigint AS calls, least(sum(slow_calls), 9e18)::bigint AS slow_calls,
           sum(total_ms) AS total_ms
    FROM connection_facts($6::timestamptz, $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz,
                           $12::timestamptz, $13::timestamptz, $14::timestamptz, $15::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY (ARRAY (SELECT id FROM chosen))
      AND fact.organization_id = $1::bigint -- scope
    GROUP BY database_connection_id
), keyed AS (
    SELECT chosen.id, chosen.name, chosen.engine, coalesce(summed.calls, 0) AS calls,
           coalesce(summed.slow_calls, 0) AS slow_calls, coalesce(summed.total_ms, 0) AS total_ms,
           round(coalesce(summed.total_ms, 0) * 1000) AS sort_key
    FROM chosen LEFT JOIN summed ON summed.database_connection_id = chosen.id
)
SELECT id, name, engine::text AS engine, calls, slow_calls, total_ms, (SELECT sum(total_ms) FROM summed) AS everything_ms,
       sort_key
FROM keyed
WHERE $17::float8 IS NULL OR sort_key < $17::float8 OR sort_key = $17::float8 AND id > $18::bigint
ORDER BY sort_key DESC, id
LIMIT $16::int
