-- Remove at most $1 rows of deleted connections (migrations/functions/purge_deleted_connections.sql). Returns their
-- number.
-- returns: purge_deleted_connections int
SELECT purge_deleted_connections($1::int)
