-- Privileged, since the API may not read the table. Segments that end by this time are built.
CREATE OR REPLACE FUNCTION query_segments_until() RETURNS timestamptz LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT segmented_until FROM query_segment_state
$$;
