-- How often an agent's row was written lately: collectors.writes as of its last write, less one for each 10 seconds
-- since.
CREATE OR REPLACE FUNCTION agent_writes(writes double precision, last_seen_at timestamptz) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT greatest(writes - greatest(extract(epoch FROM now() - last_seen_at)::float8, 0) / 10, 0)
$$;
