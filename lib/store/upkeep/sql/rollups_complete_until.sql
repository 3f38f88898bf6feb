-- If rollups of the caller's connections are more than $1 seconds late: the time up to which they are complete. Calls a
-- privileged function.
-- returns: complete_until timestamptz
SELECT rollups_complete_until($1::float8) AS complete_until
