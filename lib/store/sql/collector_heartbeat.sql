-- No row comes back when that agent does not serve the connection $3.
UPDATE collectors AS collector
SET last_seen_at = now(), status = 'online', version = coalesce($4::text, collector.version), detail = $5::jsonb
WHERE collector.id = $2::bigint
  AND collector.organization_id = $1::bigint -- scope
  AND EXISTS (SELECT FROM collector_databases AS link
              WHERE link.collector_id = $2 AND link.database_connection_id = $3::bigint
                AND link.organization_id = $1 -- scope
              )
RETURNING 1
