-- Counts what an agent's connection has stored; calls a privileged function. $1 connection; stored: $2 bytes, $3 rows,
-- $4 new statements; budgets an hour of the same: $5 to $7 of the connection, $8 to $10 of its organization, 0: none.
SELECT FROM connection_spend($1::bigint, $2::float8, $3::float8, $4::float8, $5::float8, $6::float8, $7::float8,
                             $8::float8, $9::float8, $10::float8)
