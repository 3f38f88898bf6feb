-- Growth of counters, to be rolled up in its five minutes. Counters are in the order of lib/facts/sums.h. $13 holds the
-- entries of all measures, one row's after the other; $14 and $15 where each row's begin and end.
INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at, counter_slow_calls, counter_ms,
                           max_ms, counter_calls, rows_examined, rows_returned, blocks_hit, blocks_read,
                           measures)
SELECT $1::bigint, $2::bigint, sql_hash, date_bin(interval '5 minutes', at, '2000-01-01 00:00:00+00'), slow_calls,
       total_ms, max_ms, calls, rows_examined, rows_returned, blocks_hit, blocks_read,
       CASE WHEN last_entry >= first_entry THEN ($13::bigint[])[first_entry:last_entry] END
FROM unnest($3::uuid[], $4::timestamptz[], $5::bigint[], $6::float8[], $7::float8[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[], $14::bigint[], $15::bigint[])
     AS growth (sql_hash, at, slow_calls, total_ms, max_ms, calls, rows_examined, rows_returned, blocks_hit,
                blocks_read, first_entry, last_entry)
