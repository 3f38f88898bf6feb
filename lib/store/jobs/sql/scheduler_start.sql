-- Starts an organization's schedule. No row: it runs already. $1 organization, $2 visible connections (not used: a
-- schedule is of the whole organization), $3 user, $4 least minutes between runs or 0, $5 remote address.
-- returns: organization_id bigint
WITH changed AS (
    UPDATE collector_schedules
    SET is_running = true, interval_minutes = nullif($4::int, 0), changed_by = $3::bigint, changed_at = now()
    WHERE NOT is_running AND $2::bigint[] IS NOT NULL
      AND organization_id = $1::bigint -- scope
    RETURNING organization_id, interval_minutes
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, remote_address, detail)
    SELECT organization_id, $3::bigint, 'scheduler_started', $5::text,
           jsonb_build_object('interval_minutes', interval_minutes)
    FROM changed
)
SELECT organization_id FROM changed
