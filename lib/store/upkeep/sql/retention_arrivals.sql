-- Records the highest sample id of today, and deletes the days older than $1 days except the last of them.
WITH forgotten AS (
    DELETE FROM sample_arrivals
    WHERE day < (SELECT max(day) FROM sample_arrivals WHERE day < (now() AT TIME ZONE 'UTC')::date - $1::int)
)
INSERT INTO sample_arrivals (day, last_id)
SELECT (now() AT TIME ZONE 'UTC')::date, nextval(pg_get_serial_sequence('slow_queries_raw', 'id'))
ON CONFLICT (day) DO UPDATE SET last_id = excluded.last_id
