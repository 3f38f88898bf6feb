-- Samples, some of which may be stored already. Comes back: those that were not, in the order given.
-- returns: captured_at timestamptz, sample_digest bigint
INSERT INTO slow_queries_raw (organization_id, database_connection_id, captured_at, sql_hash, sample_digest,
                              duration_ms, rows_examined, rows_returned, lock_us, full_sql, user_host, database_name,
                              plan_hash, provenance, source_db_type, source_db_host)
SELECT $1::bigint, $2::bigint, captured_at, sql_hash, sample_digest, duration_ms, nullif(rows_examined, -1),
       nullif(rows_returned, -1), nullif(lock_us, -1), full_sql, user_host, database_name,
       nullif(plan_hash, '00000000-0000-0000-0000-000000000000'), $3::int, $15::text, $16::text
FROM unnest($4::timestamptz[], $5::uuid[], $6::bigint[], $7::float8[], $8::bigint[], $9::bigint[], $10::bigint[],
            $11::text[], $12::text[], $13::text[], $14::uuid[])
     AS sample (captured_at, sql_hash, sample_digest, duration_ms, rows_examined, rows_returned, lock_us, full_sql,
                user_host, database_name, plan_hash)
ON CONFLICT (organization_id, database_connection_id, captured_at, sample_digest) DO NOTHING
RETURNING captured_at, sample_digest
