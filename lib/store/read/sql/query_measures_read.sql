-- What servers counted of one fingerprint beside its calls (lib/facts/measures.h), added up: a row for each measure.
-- The one that says which are known is the first. Planned each time, as slow_query_list_hash.
-- $1 organization, $2 chosen connections; $3 to $12: a period in tiers
-- (store/read/tiers.h); $13 the fingerprint's hash.
-- returns: measure bigint, amount bigint
SELECT entry >> 56 AS measure,
       CASE WHEN entry >> 56 = 0 THEN bit_or(entry)
            ELSE least(sum(entry & 72057594037927935), 9e18)::bigint END AS amount
FROM fingerprint_buckets($3::timestamptz, $4::timestamptz, $5::timestamptz, $6::timestamptz, $7::timestamptz,
                         $8::timestamptz, $9::timestamptz, $10::timestamptz, $11::timestamptz, $12::timestamptz)
     CROSS JOIN LATERAL unnest(measures) AS entry
WHERE sql_hash = $13::uuid
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ((SELECT $2::bigint[])::bigint[]) -- scope
GROUP BY entry >> 56
ORDER BY measure
