-- Deletes lines of the organization whose audit log is the farthest beyond $1 lines: the oldest of the user and action
-- that have the most lines, so that a flood displaces itself. At most $2, as many as are too many, and not so many that
-- another user and action would then have more. Nothing is counted while the table is too small for $1 lines.
WITH groups AS (
    SELECT organization_id, coalesce(user_id, 0) AS actor, action, count(*) AS lines
    FROM audit_log
    WHERE (SELECT pg_relation_size('audit_log') > $1::bigint * 80)
    GROUP BY organization_id, coalesce(user_id, 0), action
), crowded AS (
    SELECT organization_id, sum(lines) - $1::bigint AS excess
    FROM groups GROUP BY organization_id HAVING sum(lines) > $1::bigint
    ORDER BY excess DESC LIMIT 1
), largest AS (
    SELECT groups.organization_id, groups.actor, groups.action,
           least($2::int, crowded.excess,
                 greatest(groups.lines - lead(groups.lines, 1, 0) OVER by_size, groups.lines / 100 + 1)) AS surplus
    FROM groups JOIN crowded USING (organization_id)
    WINDOW by_size AS (ORDER BY groups.lines DESC)
    ORDER BY groups.lines DESC LIMIT 1
)
DELETE FROM audit_log
WHERE ctid = ANY (ARRAY (
          SELECT line.ctid FROM largest
          CROSS JOIN LATERAL (SELECT ctid FROM audit_log AS line
                              WHERE line.organization_id = largest.organization_id
                                AND coalesce(line.user_id, 0) = largest.actor AND line.action = largest.action
                              ORDER BY line.at LIMIT largest.surplus::bigint) AS line))
