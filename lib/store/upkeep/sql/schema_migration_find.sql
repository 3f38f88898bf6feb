-- The checksum under which a migration was applied. $1 version.
SELECT checksum FROM schema_migrations WHERE version = $1::int
