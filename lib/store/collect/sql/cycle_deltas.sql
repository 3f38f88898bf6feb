-- Growth of counters, to be rolled up in its five minutes. Counters are in the order of lib/facts/sums.h. $19 holds the
-- entries of all measures, one row's after the other; $20 and $21 where each row's begin and end.
INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at, counter_slow_calls, counter_ms,
                           max_ms, counter_calls, rows_examined, rows_returned, blocks_hit, blocks_read, lock_us,
                           temp_tables, temp_disk_tables, sort_passes, no_index_calls, errors, measures)
SELECT $1::bigint, $2::bigint, sql_hash, date_bin(interval '5 minutes', at, '2000-01-01 00:00:00+00'), slow_calls,
       total_ms, max_ms, calls, rows_examined, rows_returned, blocks_hit, blocks_read, lock_us, temp_tables,
       temp_disk_tables, sort_passes, no_index_calls, errors,
       CASE WHEN last_entry >= first_entry THEN ($19::bigint[])[first_entry:last_entry] END
FROM unnest($3::uuid[], $4::timestamptz[], $5::bigint[], $6::float8[], $7::float8[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
            $17::bigint[], $18::bigint[], $20::bigint[], $21::bigint[])
     AS growth (sql_hash, at, slow_calls, total_ms, max_ms, calls, rows_examined, rows_returned, blocks_hit,
                blocks_read, lock_us, temp_tables, temp_disk_tables, sort_passes, no_index_calls, errors, first_entry,
                last_entry)
