-- How the last look at the sessions of a connection went. $1 organization, $2 chosen connections, $3 one of them.
-- No row: nobody has looked yet.
-- returns: state text, problem text, remedy text, ended_at timestamptz
SELECT watch.state, watch.problem, watch.remedy, watch.ended_at
FROM session_watches AS watch
WHERE watch.database_connection_id = $3::bigint
  AND watch.organization_id = $1::bigint -- scope
  AND watch.database_connection_id = ANY ($2::bigint[]) -- scope
