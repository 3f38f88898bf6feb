-- Remove at most $1 rows of deleted connections (migrations/functions/purge_deleted_connections.sql); how many went.
-- returns: purge_deleted_connections int
SELECT purge_deleted_connections($1::int)
