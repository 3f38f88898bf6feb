DELETE FROM schema_functions WHERE name = $1::text
