-- Privileged. Adds what the agent's connection has stored to its level and to that of its organization, after they have
-- fallen by their budgets an hour (0: none). Nothing happens for a connection that the caller does not see. The commit
-- is not waited for: a crash of PostgreSQL forgets a fraction of a second.
CREATE OR REPLACE FUNCTION connection_spend(connection_id bigint, bytes double precision, row_count double precision,
                                            statements double precision, bytes_per_hour double precision,
                                            rows_per_hour double precision, statements_per_hour double precision,
                                            organization_bytes_per_hour double precision,
                                            organization_rows_per_hour double precision,
                                            organization_statements_per_hour double precision)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO connection_spending AS known (organization_id, database_connection_id, bytes, row_count, statements,
                                              counted_at)
    SELECT connection.organization_id, connection.id, $2, $3, $4, now()
    FROM database_connections AS connection
    WHERE connection.organization_id = potto_organization() AND connection.id = $1
      AND connection.id = ANY (potto_connections())
    ON CONFLICT (organization_id, database_connection_id) DO UPDATE
    SET bytes = spending_left(known.bytes, $5, known.counted_at) + excluded.bytes,
        row_count = spending_left(known.row_count, $6, known.counted_at) + excluded.row_count,
        statements = spending_left(known.statements, $7, known.counted_at) + excluded.statements,
        counted_at = now();
    INSERT INTO organization_spending AS known (organization_id, bytes, row_count, statements, counted_at)
    SELECT connection.organization_id, $2, $3, $4, now()
    FROM database_connections AS connection
    WHERE connection.organization_id = potto_organization() AND connection.id = $1
      AND connection.id = ANY (potto_connections())
    ON CONFLICT (organization_id) DO UPDATE
    SET bytes = spending_left(known.bytes, $8, known.counted_at) + excluded.bytes,
        row_count = spending_left(known.row_count, $9, known.counted_at) + excluded.row_count,
        statements = spending_left(known.statements, $10, known.counted_at) + excluded.statements,
        counted_at = now();
END $$;
