-- What a connection stored lately. $1 organization, $2 visible connections, $3 connection; $4 to $6: budgets an hour of
-- bytes, rows and new statements.
-- returns: bytes float8, row_count float8, statements float8
SELECT spending_left(bytes, $4::float8, counted_at) AS bytes,
       spending_left(row_count, $5::float8, counted_at) AS row_count,
       spending_left(statements, $6::float8, counted_at) AS statements
FROM connection_spending
WHERE database_connection_id = $3::bigint
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ($2::bigint[]) -- scope
