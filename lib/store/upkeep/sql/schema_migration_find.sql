-- The name and checksum under which a migration was applied. $1 version.
-- returns: name text, checksum bytea
SELECT name, checksum FROM schema_migrations WHERE version = $1::int
