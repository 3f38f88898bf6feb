-- The level of connection_spending now, of one that was counted at counted_at and falls by per_hour. per_hour 0: no
-- budget, so nothing is counted.
CREATE OR REPLACE FUNCTION spending_left(spent double precision, per_hour double precision, counted_at timestamptz)
RETURNS double precision LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN per_hour > 0
                THEN greatest(spent - per_hour * greatest(extract(epoch FROM now() - counted_at), 0)::float8 / 3600, 0)
                ELSE 0 END
$$;
