-- Whether a log file tells of the connection's executions at the moment, so that another path's samples would count
-- them once more.
-- returns: is_told boolean
SELECT EXISTS (SELECT FROM log_files
               WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND samples > 0
                 AND state <> 'failed' AND looked_at > now() - interval '5 minutes') AS is_told
