-- When the segment or chunk begins that covers a time; all are aligned at 2000-01-01 UTC.
CREATE OR REPLACE FUNCTION segment_start(width_s bigint, at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT date_bin(make_interval(secs => width_s), at, '2000-01-01 00:00:00+00')
$$;
