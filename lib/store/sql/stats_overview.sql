-- What the chosen connections ran in a period and in the one before.
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 team or 0;
-- $6 to $15: the period in parts (store/query_parts.h); $16 to $25: the period before.
WITH chosen AS (
    SELECT id
    FROM database_connections
    WHERE true
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($3::bigint = 0 OR id = $3::bigint) AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($5::bigint = 0 OR team_id = $5::bigint)
), now_sums AS (
    SELECT least(coalesce(sum(calls), 0), 9e18)::bigint AS calls,
           least(coalesce(sum(slow_calls), 0), 9e18)::bigint AS slow_calls,
           coalesce(sum(total_ms), 0) AS total_ms,
           count(DISTINCT database_connection_id) FILTER (WHERE calls > 0) AS active
    FROM connection_facts($6::timestamptz, $7::timestamptz, $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz,
                           $12::timestamptz, $13::timestamptz, $14::timestamptz, $15::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY (ARRAY (SELECT id FROM chosen))
      AND fact.organization_id = $1::bigint -- scope
), before_sums AS (
    SELECT least(coalesce(sum(calls), 0), 9e18)::bigint AS calls,
           least(coalesce(sum(slow_calls), 0), 9e18)::bigint AS slow_calls,
           coalesce(sum(total_ms), 0) AS total_ms
    FROM connection_facts($16::timestamptz, $17::timestamptz, $18::timestamptz, $19::timestamptz, $20::timestamptz,
                          $21::timestamptz, $22::timestamptz, $23::timestamptz, $24::timestamptz, $25::timestamptz) AS fact
    WHERE fact.database_connection_id = ANY (ARRAY (SELECT id FROM chosen))
      AND fact.organization_id = $1::bigint -- scope
)
SELECT (SELECT count(*) FROM chosen) AS connections, now_sums.active, now_sums.calls, now_sums.slow_calls, now_sums.total_ms,
       before_sums.calls, before_sums.slow_calls, before_sums.total_ms
FROM now_sums, before_sums
