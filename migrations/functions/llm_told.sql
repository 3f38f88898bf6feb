-- Privileged. What collectors last found out about the language model, for /health: at most one row. A collector for
-- which it is off tells less than another.
CREATE OR REPLACE FUNCTION llm_told()
RETURNS TABLE (status text, kind text, model text, has_model boolean, checked_at timestamptz, problem text)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
    SELECT told ->> 'status', told ->> 'kind', told ->> 'model', (told ->> 'has_model')::boolean,
           (told ->> 'checked_at')::timestamptz, told ->> 'problem'
    FROM (SELECT detail -> 'llm' AS told, last_seen_at
          FROM collectors
          WHERE organization_id IS NULL AND kind = 'daemon' AND status = 'online' AND detail ? 'llm'
            AND last_seen_at > now() - interval '3 minutes') AS daemon
    ORDER BY told ->> 'status' = 'off', last_seen_at DESC
    LIMIT 1
$$;
