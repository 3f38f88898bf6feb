-- The next $3 statements after organization $1 and hash $2, and whether each may be unused: older than a day, and seen
-- on no connection.
-- returns: organization_id bigint, sql_hash uuid, is_unused boolean
SELECT text.organization_id, text.sql_hash, text.is_unused
FROM (SELECT query.organization_id, query.sql_hash,
             query.created_at < now() - interval '1 day'
             AND NOT EXISTS (SELECT FROM query_fingerprint_connections AS seen
                             WHERE seen.organization_id = query.organization_id AND seen.sql_hash = query.sql_hash)
             AS is_unused
      FROM (SELECT organization_id, sql_hash, created_at FROM query_fingerprints
            WHERE (organization_id, sql_hash) > ($1::bigint, $2::uuid)
            ORDER BY organization_id, sql_hash LIMIT $3::int) AS query) AS text
ORDER BY text.organization_id, text.sql_hash
