-- The password was right. $1 account and network, $2 network, $3 account (keys), $4 whether the network was known.
SELECT sign_in_succeeded($1::bytea, $2::bytea, $3::bytea, $4::boolean) IS NULL
