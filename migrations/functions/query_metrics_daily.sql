-- A connection's days.
CREATE OR REPLACE VIEW query_metrics_daily WITH (security_invoker = true) AS
SELECT organization_id, database_connection_id, bucket_at::date AS metric_date, calls, total_ms, slow_calls
FROM query_metrics WHERE resolution_s = 86400;
