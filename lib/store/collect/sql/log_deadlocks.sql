-- A deadlock. No row: it is stored already.
-- returns: is_new boolean
INSERT INTO deadlocks (organization_id, database_connection_id, noticed_at, digest, victim, username, database_name,
                       application, processes, blocked_by, waits, statements)
SELECT $1::bigint, $2::bigint, $3::timestamptz, $4::bigint, nullif($5::bigint, 0), $6::text, $7::text, $8::text,
       array_agg(process ORDER BY place), array_agg(nullif(blocker, 0) ORDER BY place), array_agg(wait ORDER BY place),
       array_agg(nullif(hash, '00000000-0000-0000-0000-000000000000') ORDER BY place)
FROM unnest($9::bigint[], $10::bigint[], $11::text[], $12::uuid[])
     WITH ORDINALITY AS seen (process, blocker, wait, hash, place)
ON CONFLICT (organization_id, database_connection_id, noticed_at, digest) DO NOTHING
RETURNING true AS is_new
