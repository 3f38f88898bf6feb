-- The connection to remove stored literals from: the one purged the longest ago, each at most once a minute.
-- returns: organization_id bigint, id bigint, started_at timestamptz
SELECT organization_id, id, clock_timestamp() AS started_at
FROM database_connections
WHERE literals_purge_since IS NOT NULL AND NOT keep_literals
  AND coalesce(literals_purged_at, '-infinity') < now() - interval '1 minute'
ORDER BY coalesce(literals_purged_at, '-infinity'), id
LIMIT 1
