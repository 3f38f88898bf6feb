-- The checksum under which a migration was applied. $1 version.
-- returns: checksum bytea
SELECT checksum FROM schema_migrations WHERE version = $1::int
