-- What new samples add to the rollups: a row for each fingerprint and five minutes.
INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at, sample_calls, sample_ms,
                           max_ms, rows_examined, rows_returned)
SELECT $1::bigint, $2::bigint, sql_hash, bucket_at, calls, total_ms, max_ms, rows_examined, rows_returned
FROM unnest($3::uuid[], $4::timestamptz[], $5::bigint[], $6::float8[], $7::float8[], $8::bigint[], $9::bigint[])
     AS delta (sql_hash, bucket_at, calls, total_ms, max_ms, rows_examined, rows_returned)
