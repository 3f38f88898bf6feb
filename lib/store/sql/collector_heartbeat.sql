-- No row comes back when that agent does not serve the connection $3.
UPDATE collectors AS collector
SET last_seen_at = now(), status = 'online', version = coalesce($4::text, collector.version), detail = $5::jsonb
WHERE collector.organization_id = $1::bigint AND collector.id = $2::bigint
  AND EXISTS (SELECT FROM collector_databases AS link
              WHERE link.organization_id = $1 AND link.collector_id = $2 AND link.database_connection_id = $3::bigint)
RETURNING 1
