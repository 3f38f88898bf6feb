-- Nobody sends a batch again after a week.
DELETE FROM ingest_batches
WHERE (organization_id, database_connection_id, batch_id) IN (
    SELECT organization_id, database_connection_id, batch_id FROM ingest_batches
    WHERE received_at < now() - interval '7 days' ORDER BY received_at LIMIT 20000)
