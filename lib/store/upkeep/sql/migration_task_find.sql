-- returns: name text
SELECT name FROM migration_tasks WHERE name = $1::text
