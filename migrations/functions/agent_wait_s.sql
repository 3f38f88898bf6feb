-- How long an agent waits until its row is written again: 20 times at once, then once in 10 seconds. 0: not at all.
CREATE OR REPLACE FUNCTION agent_wait_s(writes double precision) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(writes - 19, 0) * 10
$$;
