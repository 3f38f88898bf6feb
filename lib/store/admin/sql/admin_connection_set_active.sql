-- $1 organization, $2 connection, $3 active.
-- returns: id bigint
WITH changed AS (
    UPDATE database_connections SET is_active = $3::boolean, updated_at = now()
    WHERE organization_id = $1::bigint AND id = $2::bigint AND deleted_at IS NULL
    RETURNING organization_id, id
), version AS (
    UPDATE organizations SET data_version = data_version + 1
    FROM changed WHERE organizations.id = changed.organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, action, subject_kind, subject_id)
    SELECT organization_id, CASE WHEN $3::boolean THEN 'connection_activated' ELSE 'connection_deactivated' END,
           'database_connection', id
    FROM changed
)
SELECT id FROM changed
