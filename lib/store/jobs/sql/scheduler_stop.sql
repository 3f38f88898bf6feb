-- Stops an organization's schedule. No row: it was stopped already. $1 organization, $2 visible connections (not used:
-- a schedule is of the whole organization), $3 user, $4 remote address.
-- returns: organization_id bigint
WITH changed AS (
    INSERT INTO collector_schedules AS known (organization_id, is_running, changed_by)
    SELECT $1::bigint, false, $3::bigint WHERE $2::bigint[] IS NOT NULL
    ON CONFLICT (organization_id) DO UPDATE
    SET is_running = false, changed_by = excluded.changed_by, changed_at = now()
    WHERE known.is_running
    RETURNING organization_id
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, remote_address)
    SELECT organization_id, $3::bigint, 'scheduler_stopped', $4::text FROM changed
)
SELECT organization_id FROM changed
