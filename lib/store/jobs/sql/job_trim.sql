-- Deletes jobs that ended more than $1 seconds ago.
DELETE FROM jobs WHERE finished_at < now() - make_interval(secs => $1::int)
