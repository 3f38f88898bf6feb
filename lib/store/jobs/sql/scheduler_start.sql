-- Starts an organization's schedule, and makes its connections due now. No row: it runs already. $1 organization, $2
-- visible connections (not used: a schedule is of the whole organization), $3 user, $4 least minutes between runs, $5
-- whether connections with an interval of their own keep it, $6 remote address.
-- returns: organization_id bigint
WITH changed AS (
    UPDATE collector_schedules
    SET is_running = true, interval_minutes = $4::int, is_usual_interval = $5::boolean, changed_by = $3::bigint,
        changed_at = now()
    WHERE NOT is_running AND $2::bigint[] IS NOT NULL
      AND organization_id = $1::bigint -- scope
    RETURNING organization_id, interval_minutes
), due AS (
    UPDATE connection_collection AS collection SET next_run_at = now()
    FROM changed
    WHERE collection.organization_id = changed.organization_id AND collection.next_run_at > now()
), audit AS (
    INSERT INTO audit_log (organization_id, user_id, action, remote_address, detail)
    SELECT organization_id, $3::bigint, 'scheduler_started', $6::text,
           jsonb_build_object('interval_minutes', interval_minutes)
    FROM changed
)
SELECT organization_id FROM changed
