DELETE FROM migration_tasks WHERE name = $1::text
