-- Connection $2 of organization $1, monitored or not, for one run named $3, for $4 seconds, unless another run holds
-- it.
-- returns: as lease_take
WITH taken AS (
    INSERT INTO connection_collection AS known (organization_id, database_connection_id, lease_owner, lease_until)
    SELECT connection.organization_id, connection.id, $3::text, now() + make_interval(secs => $4::int)
    FROM database_connections AS connection
    WHERE connection.organization_id = $1::bigint AND connection.id = $2::bigint AND connection.is_active
      AND connection.host IS NOT NULL
    ON CONFLICT (organization_id, database_connection_id) DO UPDATE
    SET lease_owner = excluded.lease_owner, lease_until = excluded.lease_until, lease_blame = 0
    WHERE known.lease_owner IS NULL
    RETURNING organization_id, database_connection_id, cursor
)
SELECT taken.organization_id, taken.database_connection_id, connection.name, connection.engine::text AS engine,
       connection.host, connection.database_name, connection.username, connection.tls_mode::text AS tls_mode,
       connection.password_ciphertext, coalesce(connection.port, 0) AS port, connection.min_duration_ms,
       connection.min_duration_ms AS least_duration_ms, connection.keep_literals, taken.cursor, 'trusted' AS lane,
       coalesce((SELECT is_full FROM store_verdict), false) AS is_store_full, 300::float8 AS pause_s,
       connection.overhead_budget_percent, coalesce(overhead.stage, 0)::int AS overhead_stage,
       60000::float8 AS next_due_ms
FROM taken
JOIN database_connections AS connection
  ON connection.organization_id = taken.organization_id AND connection.id = taken.database_connection_id
LEFT JOIN connection_overhead AS overhead
  ON overhead.organization_id = taken.organization_id
 AND overhead.database_connection_id = taken.database_connection_id
