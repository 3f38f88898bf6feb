-- No row comes back when the agent $2 does not serve the connection $3.
-- returns: is_known boolean
UPDATE collectors AS collector
SET last_seen_at = now(), status = 'online', version = coalesce($4::text, collector.version), detail = $5::jsonb
WHERE collector.id = $2::bigint
  AND collector.database_connection_id = $3::bigint -- scope
  AND collector.organization_id = $1::bigint -- scope
RETURNING true AS is_known
