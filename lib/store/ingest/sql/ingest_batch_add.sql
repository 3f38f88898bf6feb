-- Claim a batch id. A transaction that stores the same batch at this moment is waited for; no row comes
-- back when the id is known.
-- returns: is_new boolean
INSERT INTO ingest_batches (organization_id, database_connection_id, batch_id, body_digest, accepted, duplicates,
                            rejected)
VALUES ($1::bigint, $2::bigint, $3::text, $4::bigint, $5::int, $6::int, $7::int)
ON CONFLICT (organization_id, database_connection_id, batch_id) DO NOTHING
RETURNING true AS is_new
