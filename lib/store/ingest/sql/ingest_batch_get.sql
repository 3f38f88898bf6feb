-- A batch that was stored before.
-- returns: body_digest bigint, accepted int, duplicates int
SELECT body_digest, accepted, duplicates
FROM ingest_batches
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND batch_id = $3::text
