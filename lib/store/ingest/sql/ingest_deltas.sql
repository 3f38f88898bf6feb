-- What new samples add to the rollups: a row for each fingerprint and five minutes. $11 holds the entries of all
-- histograms, one after the other; $12 and $13 where each row's begin and end.
INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at, sample_calls, sample_ms,
                           max_ms, rows_examined, rows_returned, lock_us, histogram)
SELECT $1::bigint, $2::bigint, sql_hash, bucket_at, calls, total_ms, max_ms, rows_examined, rows_returned, lock_us,
       ($11::bigint[])[first_entry:last_entry]
FROM unnest($3::uuid[], $4::timestamptz[], $5::bigint[], $6::float8[], $7::float8[], $8::bigint[], $9::bigint[],
            $10::bigint[], $12::bigint[], $13::bigint[])
     AS delta (sql_hash, bucket_at, calls, total_ms, max_ms, rows_examined, rows_returned, lock_us, first_entry,
               last_entry)
