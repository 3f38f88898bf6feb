-- What got faster from one period to another, most time saved first: the difference of the means times the calls now.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0;
-- $6 to $15: the period in parts (store/query_parts.h); $16 to $25: the earlier one;
-- $26 least calls in either, $27 least share of the mean that is gone (0..1), $28 limit;
-- $29, $30: value and hash of the last row of the page before, or NULL.
WITH chosen AS (
    SELECT id
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
), now_sums AS (
    SELECT sql_hash, least(sum(calls), 9e18)::bigint AS calls, sum(total_ms) AS total_ms
    FROM fingerprint_facts($6::timestamptz, $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz,
                           $12::timestamptz, $13::timestamptz, $14::timestamptz, $15::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY (ARRAY (SELECT id FROM chosen))
      AND fact.organization_id = $1::bigint -- scope
    GROUP BY sql_hash HAVING sum(calls) >= $26::bigint
), before_sums AS (
    SELECT sql_hash, least(sum(calls), 9e18)::bigint AS calls, sum(total_ms) AS total_ms
    FROM fingerprint_facts($16::timestamptz, $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz,
                           $21::timestamptz, $22::timestamptz, $23::timestamptz, $24::timestamptz, $25::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY (ARRAY (SELECT id FROM chosen))
      AND fact.organization_id = $1::bigint -- scope
    GROUP BY sql_hash HAVING sum(calls) >= $26::bigint
), compared AS (
    SELECT now_sums.sql_hash, before_sums.calls AS before_calls, before_sums.total_ms AS before_ms,
           now_sums.calls AS after_calls, now_sums.total_ms AS after_ms,
           round((before_sums.total_ms / before_sums.calls * now_sums.calls - now_sums.total_ms) * 1000) AS sort_key
    FROM now_sums JOIN before_sums ON before_sums.sql_hash = now_sums.sql_hash
    WHERE now_sums.total_ms / now_sums.calls < before_sums.total_ms / before_sums.calls
      AND now_sums.total_ms / now_sums.calls <= before_sums.total_ms / before_sums.calls * (1 - $27::float8)
)
SELECT compared.sql_hash, left(query.fingerprint, 2000) AS fingerprint, query.statement_kind, compared.before_calls,
       compared.before_ms, compared.after_calls, compared.after_ms, compared.sort_key
FROM compared
JOIN query_fingerprints AS query ON query.sql_hash = compared.sql_hash
    AND query.organization_id = $1::bigint -- scope
WHERE $29::float8 IS NULL OR sort_key < $29::float8 OR sort_key = $29::float8 AND compared.sql_hash > $30::uuid
ORDER BY compared.sort_key DESC, compared.sql_hash
LIMIT $28::int
