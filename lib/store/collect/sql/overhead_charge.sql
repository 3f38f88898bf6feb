-- Adds $3, in microseconds of the server's time, to the level of a connection, after it has fallen by the connection's
-- overhead budget since then. fill: the level, in what the budget allows in $4 seconds, at most $5. stage: the one
-- before. No row: the connection is gone.
-- returns: fill float8, stage int
INSERT INTO connection_overhead AS known (organization_id, database_connection_id, level_us, counted_at, stage)
SELECT connection.organization_id, connection.id,
       least($3::float8, connection.overhead_budget_percent * 1e4 * $4::float8 * $5::float8), now(), 0
FROM database_connections AS connection
WHERE connection.organization_id = $1::bigint AND connection.id = $2::bigint
ON CONFLICT (organization_id, database_connection_id) DO UPDATE
SET level_us = (SELECT least(spending_left(known.level_us, budget.us_per_s * 3600, known.counted_at) + $3,
                             budget.us_per_s * $4 * $5)
                FROM (SELECT connection.overhead_budget_percent * 1e4 AS us_per_s
                      FROM database_connections AS connection
                      WHERE connection.organization_id = known.organization_id
                        AND connection.id = known.database_connection_id) AS budget),
    counted_at = now()
RETURNING (SELECT known.level_us / (connection.overhead_budget_percent * 1e4 * $4)
           FROM database_connections AS connection
           WHERE connection.organization_id = known.organization_id
             AND connection.id = known.database_connection_id)::float8 AS fill, known.stage::int AS stage
