-- Deletes statements of the predecessors that nothing refers to any more.
DELETE FROM query_fingerprints AS query
WHERE query.statement_kind = 'legacy'
  AND NOT EXISTS (SELECT FROM query_fingerprint_connections AS seen
                  WHERE seen.organization_id = query.organization_id AND seen.sql_hash = query.sql_hash)
