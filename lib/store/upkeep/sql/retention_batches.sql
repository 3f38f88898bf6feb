-- Deletes at most $2 ids of batches received before $1: nobody sends those again.
DELETE FROM ingest_batches
WHERE ctid = ANY (ARRAY (SELECT ctid FROM ingest_batches WHERE received_at < $1::timestamptz ORDER BY received_at
                         LIMIT $2::int))
