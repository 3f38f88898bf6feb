-- At most $3 samples outside the daily partitions that were captured before $1 and arrived before that day too; legacy ones captured
-- before $2.
-- returns: trim_samples int
SELECT trim_samples($1::timestamptz,
                    coalesce((SELECT max(last_id) FROM sample_arrivals WHERE day < ($1 AT TIME ZONE 'UTC')::date), 0),
                    $2::timestamptz, $3::int)
