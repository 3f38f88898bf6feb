-- The agent on a host.
SELECT id FROM collectors
WHERE organization_id = $1::bigint AND kind = 'agent' AND hostname = $2::text
ORDER BY id LIMIT 1
