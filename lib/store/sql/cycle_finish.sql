-- The end of the run named $3, which holds the connection until then. No row: it does not hold it any more.
-- A database in trouble is asked less often, up to once a minute where its interval is shorter.
UPDATE connection_collection AS collection
SET lease_owner = NULL, lease_until = NULL,
    next_run_at = CASE
        WHEN $4::boolean THEN now()
        WHEN $5::text = 'failed' THEN greatest(now(), collection.last_run_at + greatest(
            make_interval(secs => connection.interval_s),
            least(interval '1 minute',
                  (now() - coalesce(collection.last_success_at, connection.created_at)) / 4)))
        ELSE greatest(now(), collection.last_run_at + make_interval(secs => connection.interval_s)) END,
    last_success_at = CASE WHEN $5 = 'failed' THEN collection.last_success_at ELSE collection.last_run_at END,
    last_duration_ms = $6::float8,
    last_found = $7::bigint,
    total_found = collection.total_found + $7,
    state = $5,
    problem = $8::text,
    remedy = $9::text,
    server_version = coalesce($10::text, collection.server_version),
    cursor = coalesce($11::jsonb, collection.cursor)
FROM database_connections AS connection
WHERE collection.organization_id = $1::bigint AND collection.database_connection_id = $2::bigint
  AND collection.lease_owner = $3::text
  AND connection.organization_id = collection.organization_id AND connection.id = collection.database_connection_id
RETURNING collection.database_connection_id
