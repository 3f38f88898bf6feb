-- No row comes back when that agent does not serve the connection $3. $2 may be the id of before 015_identity.sql.
-- returns: is_known boolean
UPDATE collectors AS collector
SET last_seen_at = now(), status = 'online', version = coalesce($4::text, collector.version), detail = $5::jsonb
WHERE $2::bigint IN (collector.id, collector.former_id)
  AND collector.database_connection_id = $3::bigint -- scope
  AND collector.organization_id = $1::bigint -- scope
RETURNING true AS is_known
