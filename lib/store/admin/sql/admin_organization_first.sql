-- returns: id bigint
SELECT id FROM organizations ORDER BY id LIMIT 1
