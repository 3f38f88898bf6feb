-- The number of the newest migration that was applied; calls a privileged function.
-- returns: version int
SELECT schema_version() AS version
