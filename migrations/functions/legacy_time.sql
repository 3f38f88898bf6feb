-- A predecessor's time; one without a zone is UTC. Now, if it is missing or none.
CREATE OR REPLACE FUNCTION legacy_time(value text) RETURNS timestamptz LANGUAGE plpgsql STABLE SET timezone = 'UTC'
AS $$
BEGIN
    RETURN CASE WHEN value::timestamptz BETWEEN '0001-01-01' AND '9999-12-31' THEN value::timestamptz ELSE now() END;
EXCEPTION WHEN OTHERS THEN
    RETURN now();
END $$;
