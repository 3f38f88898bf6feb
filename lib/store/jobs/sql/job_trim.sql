-- Deletes jobs that ended more than $1 seconds ago, and of each user's all but the last $2 that ended.
DELETE FROM jobs
WHERE finished_at < now() - make_interval(secs => $1::int)
   OR (organization_id, id) IN (
          SELECT ended.organization_id, ended.id
          FROM (SELECT organization_id, id,
                       row_number() OVER (PARTITION BY organization_id, user_id ORDER BY id DESC) AS place
                FROM jobs WHERE finished_at IS NOT NULL) AS ended
          WHERE ended.place > $2::int)
