-- Privileged. What a connection that the caller sees and its organization stored lately (connection_spending,
-- organization_spending, and how many seconds ago that was counted), and whether the store is full: for a user who
-- sends for the connection. auth_agent_scope() tells the same of an agent.
CREATE OR REPLACE FUNCTION connection_spent(connection_id bigint)
RETURNS TABLE (bytes double precision, row_count double precision, statements double precision, age_s double precision,
               organization_bytes double precision, organization_rows double precision,
               organization_statements double precision, organization_age_s double precision, is_store_full boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT coalesce(spent.bytes, 0), coalesce(spent.row_count, 0), coalesce(spent.statements, 0),
           coalesce(extract(epoch FROM now() - spent.counted_at), 0)::float8,
           coalesce(everybody.bytes, 0), coalesce(everybody.row_count, 0), coalesce(everybody.statements, 0),
           coalesce(extract(epoch FROM now() - everybody.counted_at), 0)::float8,
           coalesce((SELECT verdict.is_full FROM store_verdict AS verdict), false)
    FROM database_connections AS connection
    LEFT JOIN connection_spending AS spent ON spent.organization_id = connection.organization_id
                                          AND spent.database_connection_id = connection.id
    LEFT JOIN organization_spending AS everybody ON everybody.organization_id = connection.organization_id
    WHERE connection.organization_id = potto_organization() AND connection.id = $1
      AND connection.id = ANY (potto_connections());
END $$;
