-- Makes the daily partitions of samples of [first_day, last_day] and returns how many it made.
CREATE OR REPLACE FUNCTION ensure_sample_partitions(first_day date, last_day date) RETURNS int LANGUAGE sql AS $$
    SELECT ensure_partitions('slow_queries_raw', 'captured_at', 'day', first_day, last_day)
$$;
