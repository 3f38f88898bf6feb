-- The end of the run named $3, which holds the connection until then, with how it went. No row: it does not hold it any
-- more. After a failure the next run waits a minute, and twice as long each further time, up to an hour; after a
-- warning a minute.
-- returns: database_connection_id bigint
UPDATE session_watches
SET lease_owner = NULL, lease_until = NULL, state = $4::text, problem = $5::text, remedy = $6::text, ended_at = now(),
    failures = CASE WHEN $4 = 'failed' THEN least(failures + 1, 20) ELSE 0 END,
    next_at = now() + CASE WHEN $4 = 'failed' THEN interval '1 minute' * least(2 ^ least(failures, 6), 60)
                           WHEN $4 = 'warning' THEN interval '1 minute' ELSE interval '0' END
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND lease_owner = $3::text
RETURNING database_connection_id
