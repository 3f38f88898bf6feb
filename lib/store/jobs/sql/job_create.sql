-- Creates a job of the caller. No row: the caller does not see the connection.
-- $1 organization, $2 visible connections, $3 user, $4 kind, $5 connection or 0, $6 payload.
-- returns: id bigint
INSERT INTO jobs (organization_id, user_id, database_connection_id, kind, payload)
SELECT $1::bigint, $3::bigint, nullif($5::bigint, 0), $4::text, $6::jsonb
WHERE true
  AND ($5::bigint = 0 OR $5::bigint = ANY ($2::bigint[])) -- scope
RETURNING id
