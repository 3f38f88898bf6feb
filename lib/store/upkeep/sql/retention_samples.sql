-- Deletes at most $3 samples outside the daily partitions: those captured before $1 that also arrived before that day,
-- and the predecessors' captured before $2.
-- returns: trim_samples int
SELECT trim_samples($1::timestamptz,
                    coalesce((SELECT max(last_id) FROM sample_arrivals WHERE day < ($1 AT TIME ZONE 'UTC')::date), 0),
                    $2::timestamptz, $3::int)
