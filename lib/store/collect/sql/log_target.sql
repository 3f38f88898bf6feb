-- The connection $1 as a target of samples from a log file. may_store false: one hour's budget is used up ($2 to $4 of
-- bytes, rows and statements of the connection, $5 to $7 of the organization; 0: none), the store is full, or
-- collection is stopped.
-- returns: organization_id bigint, name text, engine text, host text, database_name text, keep_literals boolean,
--   min_duration_ms float8, may_store boolean
SELECT connection.organization_id, connection.name, connection.engine::text AS engine, connection.host,
       connection.database_name, connection.keep_literals, connection.min_duration_ms::float8 AS min_duration_ms,
       coalesce(greatest(spending_left(own.bytes, $2::float8, own.counted_at) / nullif($2, 0),
                         spending_left(own.row_count, $3::float8, own.counted_at) / nullif($3, 0),
                         spending_left(own.statements, $4::float8, own.counted_at) / nullif($4, 0),
                         spending_left(everybody.bytes, $5::float8, everybody.counted_at) / nullif($5, 0),
                         spending_left(everybody.row_count, $6::float8, everybody.counted_at) / nullif($6, 0),
                         spending_left(everybody.statements, $7::float8, everybody.counted_at) / nullif($7, 0)), 0) < 1
       AND NOT coalesce((SELECT is_full FROM store_verdict), false)
       AND NOT EXISTS (SELECT FROM collector_schedules AS schedule
                       WHERE schedule.organization_id = connection.organization_id AND NOT schedule.is_running)
       AS may_store
FROM database_connections AS connection
LEFT JOIN connection_spending AS own
  ON own.organization_id = connection.organization_id AND own.database_connection_id = connection.id
LEFT JOIN organization_spending AS everybody ON everybody.organization_id = connection.organization_id
WHERE connection.id = $1::bigint AND connection.is_active AND connection.deleted_at IS NULL AND NOT connection.is_legacy
