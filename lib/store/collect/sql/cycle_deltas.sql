-- Growth of counters, to be rolled up in its five minutes. Counters are in the order of lib/facts/sums.h.
INSERT INTO rollup_deltas (organization_id, database_connection_id, sql_hash, bucket_at, counter_slow_calls, counter_ms,
                           max_ms, counter_calls, rows_examined, rows_returned, blocks_hit, blocks_read)
SELECT $1::bigint, $2::bigint, sql_hash, date_bin(interval '5 minutes', at, '2000-01-01 00:00:00+00'), slow_calls,
       total_ms, max_ms, calls, rows_examined, rows_returned, blocks_hit, blocks_read
FROM unnest($3::uuid[], $4::timestamptz[], $5::bigint[], $6::float8[], $7::float8[], $8::bigint[], $9::bigint[],
            $10::bigint[], $11::bigint[], $12::bigint[])
     AS growth (sql_hash, at, slow_calls, total_ms, max_ms, calls, rows_examined, rows_returned, blocks_hit,
                blocks_read)
