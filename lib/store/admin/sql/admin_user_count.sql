-- returns: user_count bigint
SELECT count(*) AS user_count FROM users
