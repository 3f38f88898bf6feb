-- What became of a batch, once that is known.
UPDATE ingest_batches SET accepted = $4::int, duplicates = $5::int
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint AND batch_id = $3::text
