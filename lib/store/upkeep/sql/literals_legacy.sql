-- Removes literals from at most $3 of the predecessors' own rows, and at most $3 of their findings.
WITH findings AS (
    DELETE FROM analysis_result
    WHERE ctid = ANY (ARRAY (SELECT ctid FROM analysis_result
                             WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint LIMIT $3::int))
)
UPDATE legacy_slow_queries SET full_sql = NULL, fingerprint = NULL, plan_json = NULL
WHERE ctid = ANY (ARRAY (SELECT ctid FROM legacy_slow_queries
                         WHERE organization_id = $1 AND database_connection_id = $2
                           AND (full_sql IS NOT NULL OR fingerprint IS NOT NULL OR plan_json IS NOT NULL) LIMIT $3))
