-- Makes a data set for benchmarks: psql -v fingerprints=200 -v samples=20000 -v hours=24 -f http_data.sql
-- The first organization gets three ORG_WIDE connections with this number of fingerprints each, rolled up in every
-- bucket of the last hours, and this number of samples. Running it again replaces them.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SELECT min(id) AS organization_id FROM organizations \gset
DELETE FROM database_connections WHERE name LIKE 'bench %';
INSERT INTO database_connections (organization_id, name, engine, visibility_scope)
SELECT :organization_id, 'bench ' || n, (CASE n WHEN 3 THEN 'mysql' ELSE 'postgresql' END)::database_engine, 'ORG_WIDE'
FROM generate_series(1, 3) AS n;
SELECT ensure_sample_partitions(((now() - make_interval(hours => :hours)) AT TIME ZONE 'UTC')::date,
                                (now() AT TIME ZONE 'UTC')::date);

CREATE TEMPORARY TABLE bench_query AS
SELECT n, md5('bench ' || n)::uuid AS sql_hash, 0.2 + 400 / (n ^ 1.2) AS mean_ms, greatest(1, (1000 / n)::int) AS calls
FROM generate_series(1, :fingerprints) AS n;
CREATE TEMPORARY TABLE bench_connection AS
SELECT id, row_number() OVER (ORDER BY id) AS n FROM database_connections WHERE name LIKE 'bench %';

INSERT INTO query_fingerprints (organization_id, sql_hash, fingerprint, statement_kind, tables)
SELECT :organization_id, sql_hash,
       format('SELECT o.id, o.total, c.name, c.email FROM orders_%s AS o JOIN customers AS c ON c.id = o.customer_id '
              || 'WHERE o.status = ? AND o.created_at > ? AND c.region IN (?) ORDER BY o.created_at DESC LIMIT ?', n),
       'select', ARRAY['orders_' || n, 'customers']
FROM bench_query ON CONFLICT DO NOTHING;
DELETE FROM query_fingerprint_metrics AS metric WHERE sql_hash IN (SELECT sql_hash FROM bench_query);
DELETE FROM query_fingerprint_connections AS seen WHERE sql_hash IN (SELECT sql_hash FROM bench_query);
DELETE FROM slow_queries_raw WHERE sql_hash IN (SELECT sql_hash FROM bench_query);
INSERT INTO query_fingerprint_connections
SELECT :organization_id, connection.id, query.sql_hash, now() - make_interval(hours => :hours), now()
FROM bench_query AS query, bench_connection AS connection;

CREATE TEMPORARY TABLE bench_width AS SELECT unnest(ARRAY[300, 3600, 86400]) AS resolution_s;
INSERT INTO query_fingerprint_metrics (organization_id, database_connection_id, sql_hash, resolution_s, bucket_at,
    counter_calls, counter_ms, counter_slow_calls, sample_calls, sample_ms, max_ms, rows_examined, rows_returned,
    blocks_hit, blocks_read)
SELECT :organization_id, connection.id, query.sql_hash, width.resolution_s,
       to_timestamp(floor(extract(epoch FROM bucket) / width.resolution_s) * width.resolution_s),
       sum(query.calls), sum(query.calls * query.mean_ms * wave), sum(query.calls / 10), sum(2), sum(2 * query.mean_ms),
       max(query.mean_ms * 3), sum(query.calls * 40), sum(query.calls * 3), sum(query.calls * 25), sum(query.calls)
FROM generate_series(date_bin('5 minutes', now() - make_interval(hours => :hours), 'epoch'),
                     date_bin('5 minutes', now(), 'epoch'), '5 minutes') AS bucket
CROSS JOIN LATERAL (SELECT 1 + 0.5 * sin(extract(epoch FROM bucket) / 7000)::float8 AS wave) AS shape,
     bench_query AS query, bench_connection AS connection, bench_width AS width
GROUP BY 1, 2, 3, 4, 5;
DELETE FROM query_metrics WHERE database_connection_id IN (SELECT id FROM bench_connection);
INSERT INTO query_metrics (organization_id, database_connection_id, resolution_s, bucket_at, counter_calls, counter_ms,
                           counter_slow_calls, sample_calls, sample_ms)
SELECT organization_id, database_connection_id, resolution_s, bucket_at, sum(counter_calls), sum(counter_ms),
       sum(counter_slow_calls), sum(sample_calls), sum(sample_ms)
FROM query_fingerprint_metrics WHERE database_connection_id IN (SELECT id FROM bench_connection)
GROUP BY 1, 2, 3, 4;

INSERT INTO slow_queries_raw (organization_id, database_connection_id, captured_at, sql_hash, sample_digest,
                              duration_ms, rows_examined, rows_returned, full_sql, user_host)
SELECT :organization_id, connection.id, now() - random() * make_interval(hours => :hours), query.sql_hash, sample.n,
       100 + query.mean_ms * random() * 10, 40, 3,
       format('SELECT o.id FROM orders_%s AS o WHERE o.status = ''open'' AND o.customer_id = %s', query.n, sample.n),
       'app@10.0.0.5'
FROM generate_series(1, :samples) AS sample (n)
JOIN bench_query AS query ON query.n = 1 + (sample.n::bigint * 7919 % :fingerprints)
JOIN bench_connection AS connection ON connection.n = 1 + sample.n % 3;
UPDATE organizations SET data_version = data_version + 1 WHERE id = :organization_id;
ANALYZE query_fingerprint_metrics, query_metrics, slow_queries_raw, query_fingerprints, query_fingerprint_connections;
