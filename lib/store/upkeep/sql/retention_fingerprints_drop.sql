-- Deletes those of the statements $2 of organization $1 that nothing refers to. The table must be locked, so that no
-- writer is about to refer to one.
DELETE FROM query_fingerprints AS query
WHERE query.organization_id = $1::bigint AND query.sql_hash = ANY ($2::uuid[])
  AND NOT EXISTS (SELECT FROM query_fingerprint_connections AS seen
                  WHERE seen.organization_id = query.organization_id AND seen.sql_hash = query.sql_hash)
  AND NOT EXISTS (SELECT FROM query_fingerprint_metrics AS metric
                  WHERE metric.organization_id = query.organization_id AND metric.sql_hash = query.sql_hash)
  AND NOT EXISTS (SELECT FROM slow_queries_raw AS sample
                  WHERE sample.organization_id = query.organization_id AND sample.sql_hash = query.sql_hash)
  AND NOT EXISTS (SELECT FROM rollup_deltas AS delta
                  WHERE delta.organization_id = query.organization_id AND delta.sql_hash = query.sql_hash)
  AND NOT EXISTS (SELECT FROM rollup_deltas_set_aside AS delta
                  WHERE delta.organization_id = query.organization_id AND delta.sql_hash = query.sql_hash)
  AND NOT EXISTS (SELECT FROM counter_baselines AS baseline
                  WHERE baseline.organization_id = query.organization_id AND baseline.sql_hash = query.sql_hash)
  AND NOT EXISTS (SELECT FROM query_plans AS plan
                  WHERE plan.organization_id = query.organization_id AND plan.sql_hash = query.sql_hash)
