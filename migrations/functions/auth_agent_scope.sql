-- Privileged. The connection that an agent token belongs to, what it and its organization stored lately
-- (connection_spending, organization_spending, and how many seconds ago that was counted), and whether the store is
-- full. The token of before the last rotation is accepted until its grace ends.
CREATE OR REPLACE FUNCTION auth_agent_scope(hash bytea)
RETURNS TABLE (organization_id bigint, connection_id bigint, data_version bigint, spent_bytes double precision,
               spent_rows double precision, spent_statements double precision, spent_age_s double precision,
               organization_bytes double precision, organization_rows double precision,
               organization_statements double precision, organization_age_s double precision, is_store_full boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT connection.organization_id, connection.id, organization.data_version, coalesce(spent.bytes, 0),
           coalesce(spent.row_count, 0), coalesce(spent.statements, 0),
           coalesce(extract(epoch FROM now() - spent.counted_at), 0)::float8,
           coalesce(everybody.bytes, 0), coalesce(everybody.row_count, 0), coalesce(everybody.statements, 0),
           coalesce(extract(epoch FROM now() - everybody.counted_at), 0)::float8,
           coalesce((SELECT verdict.is_full FROM store_verdict AS verdict), false)
    FROM database_connections AS connection
    JOIN organizations AS organization ON organization.id = connection.organization_id
    LEFT JOIN connection_spending AS spent ON spent.organization_id = connection.organization_id
                                          AND spent.database_connection_id = connection.id
    LEFT JOIN organization_spending AS everybody ON everybody.organization_id = connection.organization_id
    WHERE (connection.agent_token_hash = hash
           OR (connection.agent_token_previous_hash = hash AND connection.agent_token_previous_until > now()))
      AND connection.is_active AND organization.is_active;
END $$;
