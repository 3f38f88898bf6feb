-- Ids of batches received before $1, at most $2: nobody sends them again.
DELETE FROM ingest_batches
WHERE ctid = ANY (ARRAY (SELECT ctid FROM ingest_batches WHERE received_at < $1::timestamptz ORDER BY received_at
                         LIMIT $2::int))
