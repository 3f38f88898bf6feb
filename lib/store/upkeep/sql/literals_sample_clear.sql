-- Removes the text and the plan of samples, and sets the digest that they have without literals.
-- $1 organization, $2 connection, $3 times, $4 ids, $5 new digests.
UPDATE slow_queries_raw AS sample
SET full_sql = NULL, plan_hash = NULL, sample_digest = cleared.digest
FROM unnest($3::timestamptz[], $4::bigint[], $5::bigint[]) AS cleared (captured_at, id, digest)
WHERE sample.organization_id = $1::bigint AND sample.database_connection_id = $2::bigint
  AND sample.captured_at = cleared.captured_at AND sample.id = cleared.id
