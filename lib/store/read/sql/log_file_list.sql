-- The log files that are followed. $1 organization, $2 chosen connections, $3 how many. A file counts as followed if
-- somebody looked at it within five minutes; after thirty days it is left out.
-- returns: name text, format text, state text, problem text, remedy text, is_followed boolean, looked_at timestamptz,
--   read_at timestamptz, last_event_at timestamptz, unread_bytes bigint, lag_s float8, file_count bigint, bytes bigint,
--   entries bigint, executions bigint, samples bigint, plans bigint, deadlocks bigint, elsewhere bigint,
--   timeless bigint, foreign_lines bigint, unread_entries bigint, skipped_bytes bigint
SELECT regexp_replace(file.path, '^.*/', '') AS name, file.format, file.state, file.problem, file.remedy,
       file.looked_at > now() - interval '5 minutes' AS is_followed, file.looked_at, file.read_at, file.last_event_at,
       file.unread_bytes, coalesce(greatest(extract(epoch FROM now() - file.unread_since), 0), 0)::float8 AS lag_s,
       file.file_count::bigint AS file_count, file.bytes, file.entries, file.executions, file.samples, file.plans,
       file.deadlocks, file.elsewhere, file.timeless, file.foreign_lines, file.unread_entries, file.skipped_bytes
FROM log_files AS file
WHERE file.looked_at > now() - interval '30 days'
  AND file.organization_id = $1::bigint -- scope
  AND file.database_connection_id = ANY ($2::bigint[]) -- scope
ORDER BY file.path
LIMIT $3::int
