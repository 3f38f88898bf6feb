-- The $7 combinations of a root and of those that wait for it that cost the most session time. Parameters as in
-- session_waits_points.sql; $6: the statement is the root's or waits. The times are those of the first and of the last
-- bucket in which it happened.
-- returns: state int, root_hash uuid, root_fingerprint text, root_user text, root_application text, sql_hash uuid,
--   fingerprint text, session_ms float8, depth_max bigint, waiters_max bigint, first_at timestamptz,
--   last_at timestamptz
WITH bucket AS MATERIALIZED (
    SELECT waits.bucket_at, waits.block_states, waits.block_roots, waits.block_users, waits.block_applications,
           waits.block_statements, waits.block_ms, waits.block_depths, waits.block_waiters
    FROM session_waits AS waits
    WHERE waits.bucket_at >= $4::timestamptz AND waits.bucket_at < $5::timestamptz
      AND waits.organization_id = $1::bigint -- scope
      AND waits.database_connection_id = ANY ($2::bigint[]) -- scope
      AND waits.resolution_s = $3::int
      AND ($6::uuid = '00000000-0000-0000-0000-000000000000'
           OR $6 = ANY (waits.block_roots) OR $6 = ANY (waits.block_statements))
), block AS (
    SELECT seen.state, seen.root, seen.username, seen.application, seen.statement, sum(seen.ms)::float8 AS session_ms,
           max(seen.depth) AS depth, max(seen.waiting) AS waiting, min(bucket.bucket_at) AS first_at,
           max(bucket.bucket_at) AS last_at
    FROM bucket
    CROSS JOIN LATERAL unnest(bucket.block_states, bucket.block_roots, bucket.block_users, bucket.block_applications,
                              bucket.block_statements, bucket.block_ms, bucket.block_depths, bucket.block_waiters)
                       AS seen (state, root, username, application, statement, ms, depth, waiting)
    WHERE $6::uuid = '00000000-0000-0000-0000-000000000000' OR seen.root = $6 OR seen.statement = $6
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY session_ms DESC, 1, 2, 3, 4, 5
    LIMIT $7::int
)
SELECT block.state::int AS state, block.root AS root_hash, left(root.fingerprint, 2000) AS root_fingerprint,
       block.username AS root_user, block.application AS root_application, block.statement AS sql_hash,
       left(query.fingerprint, 2000) AS fingerprint, block.session_ms, block.depth AS depth_max,
       block.waiting AS waiters_max, block.first_at, block.last_at
FROM block
LEFT JOIN query_fingerprints AS root
  ON root.sql_hash = block.root
 AND root.organization_id = $1 -- scope
LEFT JOIN query_fingerprints AS query
  ON query.sql_hash = block.statement
 AND query.organization_id = $1 -- scope
ORDER BY block.session_ms DESC
