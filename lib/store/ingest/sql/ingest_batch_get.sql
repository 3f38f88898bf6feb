-- A batch that was stored before.
SELECT body_digest, accepted, duplicates
FROM ingest_batches
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND batch_id = $3::text
