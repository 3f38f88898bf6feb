-- Where and when statements were seen.
INSERT INTO query_fingerprint_connections AS known (organization_id, database_connection_id, sql_hash, first_seen_at,
                                                    last_seen_at)
SELECT $1::bigint, $2::bigint, sql_hash, first_seen_at, last_seen_at
FROM unnest($3::uuid[], $4::timestamptz[], $5::timestamptz[]) AS seen (sql_hash, first_seen_at, last_seen_at)
ON CONFLICT (organization_id, sql_hash, database_connection_id) DO UPDATE
SET first_seen_at = least(known.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(known.last_seen_at, excluded.last_seen_at)
WHERE excluded.first_seen_at < known.first_seen_at OR excluded.last_seen_at > known.last_seen_at
