-- Does the schema refuse values that are sealed without their place (migrations/014_sealed_places.sql)? There are none
-- in a schema without connections.
-- returns: is_placed boolean
SELECT to_regclass('public.database_connections') IS NULL
       OR EXISTS (SELECT FROM pg_constraint WHERE conname = 'database_connections_sealed_places') AS is_placed
