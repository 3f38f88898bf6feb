-- Tables over a period, most time first: a statement counts for each table that it names. Names are cut to 200 characters.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0;
-- $6 to $15: the period in parts (store/query_parts.h); $16 limit;
-- $17, $18: value and name of the last row of the page before, or NULL.
WITH chosen AS (
    SELECT id
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
), summed AS (
    SELECT sql_hash, sum(calls) AS calls, sum(slow_calls) AS slow_calls, sum(total_ms) AS total_ms
    FROM fingerprint_facts($6::timestamptz, $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz,
                           $12::timestamptz, $13::timestamptz, $14::timestamptz, $15::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY (ARRAY (SELECT id FROM chosen))
      AND fact.organization_id = $1::bigint -- scope
    GROUP BY sql_hash
), named AS (
    SELECT mentioned.name, count(*) AS fingerprints, least(sum(summed.calls), 9e18)::bigint AS calls,
           least(sum(summed.slow_calls), 9e18)::bigint AS slow_calls, sum(summed.total_ms) AS total_ms,
           round(sum(summed.total_ms) * 1000) AS sort_key
    FROM summed
    JOIN query_fingerprints AS query ON query.sql_hash = summed.sql_hash
        AND query.organization_id = $1::bigint -- scope
    CROSS JOIN LATERAL (SELECT DISTINCT left(name, 200) FROM unnest(query.tables) AS listed (name)) AS mentioned (name)
    GROUP BY mentioned.name
)
SELECT name, fingerprints, calls, slow_calls, total_ms, (SELECT sum(total_ms) FROM summed) AS everything_ms, sort_key
FROM named
WHERE $17::float8 IS NULL OR sort_key < $17::float8 OR sort_key = $17::float8 AND name COLLATE "C" > $18::text COLLATE "C"
ORDER BY sort_key DESC, name COLLATE "C"
LIMIT $16::int
