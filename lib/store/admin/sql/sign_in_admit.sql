-- Whether a password may be tried now (migrations/functions/sign_in_admit.sql); counts the attempt if so.
-- $1 account and network, $2 network, $3 account (keys), $4, $5, $6 failures that are free of each.
-- returns: wait_s float8, is_known boolean
SELECT admission.wait_s, admission.is_known
FROM sign_in_admit($1::bytea, $2::bytea, $3::bytea, $4::int, $5::int, $6::int) AS admission
