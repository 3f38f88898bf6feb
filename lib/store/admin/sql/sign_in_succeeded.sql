-- The password was right. $1 account and network, $2 network, $3 account (keys), $4 whether the network was known.
-- returns: is_done boolean
SELECT sign_in_succeeded($1::bytea, $2::bytea, $3::bytea, $4::boolean) IS NULL AS is_done
