-- Whether collectors look at the sessions of a connection.
ALTER TABLE database_connections ADD COLUMN waits_enabled boolean NOT NULL DEFAULT true;
