-- Privileged. The encrypted agent token of a visible connection, for members and admins; NULL for everybody else.
CREATE OR REPLACE FUNCTION agent_token_sealed(connection bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT agent_token_ciphertext FROM database_connections
            WHERE organization_id = potto_organization() AND id = connection AND id = ANY (potto_connections())
              AND potto_role() IN ('member', 'admin'));
END $$;
