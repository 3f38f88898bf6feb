-- The newest $5 deadlocks from $3 to $4, a row for each of their processes. $1 organization, $2 chosen connections.
-- total: all deadlocks of that time.
-- returns: noticed_at timestamptz, digest bigint, victim bigint, username text, database_name text, application text,
--   process bigint, blocked_by bigint, wait text, sql_hash uuid, fingerprint text, total bigint
WITH found AS MATERIALIZED (
    SELECT deadlock.noticed_at, deadlock.digest, deadlock.victim, deadlock.username, deadlock.database_name,
           deadlock.application, deadlock.processes, deadlock.blocked_by, deadlock.waits, deadlock.statements,
           count(*) OVER () AS total
    FROM deadlocks AS deadlock
    WHERE deadlock.noticed_at >= $3::timestamptz AND deadlock.noticed_at < $4::timestamptz
      AND deadlock.organization_id = $1::bigint -- scope
      AND deadlock.database_connection_id = ANY ($2::bigint[]) -- scope
    ORDER BY deadlock.noticed_at DESC, deadlock.digest
    LIMIT $5::int
)
SELECT found.noticed_at, found.digest, found.victim, found.username, found.database_name, found.application,
       seen.process, seen.blocked_by, seen.wait, seen.statement AS sql_hash,
       left(query.fingerprint, 2000) AS fingerprint, found.total
FROM found
CROSS JOIN LATERAL unnest(found.processes, found.blocked_by, found.waits, found.statements)
                   WITH ORDINALITY AS seen (process, blocked_by, wait, statement, place)
LEFT JOIN query_fingerprints AS query
  ON query.sql_hash = seen.statement
 AND query.organization_id = $1 -- scope
ORDER BY found.noticed_at DESC, found.digest, seen.place
