-- Why a fingerprint has no plan on the connections that ran it: one of them. What was tried goes first, the latest;
-- then where a plan may still come. $1 organization, $2 chosen connections, $3 hash.
-- returns: database_connection_id bigint, reason text, code text, refused_at timestamptz
SELECT seen.database_connection_id, state.reason, CASE WHEN state.is_tried THEN refused.code END AS code,
       CASE WHEN state.is_tried THEN refused.refused_at END AS refused_at
FROM query_fingerprint_connections AS seen
JOIN database_connections AS connection
  ON connection.organization_id = seen.organization_id AND connection.id = seen.database_connection_id
LEFT JOIN connection_collection AS collection
  ON collection.organization_id = seen.organization_id
 AND collection.database_connection_id = seen.database_connection_id
LEFT JOIN query_plans_refused AS refused
  ON refused.organization_id = seen.organization_id AND refused.sql_hash = seen.sql_hash
 AND refused.database_connection_id = seen.database_connection_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN NOT connection.monitoring_enabled OR collection.last_success_at IS NULL THEN 'not_collected'
                ELSE coalesce(collection.plans_off, refused.reason, 'waiting') END AS reason,
           connection.monitoring_enabled AND collection.last_success_at IS NOT NULL
           AND collection.plans_off IS NULL AND refused.reason IS NOT NULL AS is_tried) AS state
WHERE seen.sql_hash = $3::uuid
  AND seen.organization_id = $1::bigint -- scope
  AND seen.database_connection_id = ANY ($2::bigint[]) -- scope
ORDER BY state.is_tried DESC, refused_at DESC, state.reason <> 'waiting', seen.last_seen_at DESC,
         seen.database_connection_id
LIMIT 1
