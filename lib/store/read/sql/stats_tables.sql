-- Tables, most time first: a statement counts for each table that it names. Names are cut to 200 characters.
-- $1 organization, $2 visible connections; $3 to $6 ids in segments, calls, slow calls and times of the fingerprints
-- that they ran in a period; $7 time of everything; $8 limit; $9, $10 value and name of the last row of the page
-- before, or NULL.
-- returns: name text, fingerprints bigint, calls bigint, slow_calls bigint, total_ms float8, everything_ms float8,
--   sort_key float8
WITH named AS (
    SELECT mentioned.name, count(*) AS fingerprints, least(sum(given.calls), 9e18)::bigint AS calls,
           least(sum(given.slow_calls), 9e18)::bigint AS slow_calls, sum(given.total_ms) AS total_ms,
           round(sum(given.total_ms) * 1000) AS sort_key
    FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::float8[])
        AS given (fingerprint_id, calls, slow_calls, total_ms)
    JOIN query_segment_fingerprints AS known ON known.fingerprint_id = given.fingerprint_id
        AND known.organization_id = $1::bigint -- scope
    JOIN query_fingerprints AS query ON query.sql_hash = known.sql_hash
        AND query.organization_id = $1::bigint -- scope
    CROSS JOIN LATERAL (SELECT DISTINCT left(name, 200) FROM unnest(query.tables) AS listed (name)) AS mentioned (name)
    WHERE cardinality($2::bigint[]) > 0
    GROUP BY mentioned.name
)
SELECT name, fingerprints, calls, slow_calls, total_ms, $7::float8 AS everything_ms, sort_key
FROM named
WHERE $9::float8 IS NULL OR sort_key < $9::float8 OR sort_key = $9::float8 AND name COLLATE "C" > $10::text COLLATE "C"
ORDER BY sort_key DESC, name COLLATE "C"
LIMIT $8::int
