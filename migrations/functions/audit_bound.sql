-- Privileged trigger. Bounds the audit log: a line has at most 8 KiB of detail, and a user 1,000 lines of one action in
-- an hour. Further events of that user, action and hour are counted in the newest of those lines, so a flood of one
-- user's events takes no place from other users' events, nor from that user's other actions. Failed sign-ins to a user
-- count as that user's.
CREATE OR REPLACE FUNCTION audit_bound() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    lines_max        CONSTANT int := 1000;
    detail_bytes_max CONSTANT int := 8192;
    began_at         CONSTANT timestamptz := date_trunc('hour', new.at, 'UTC');
    newest           bigint;
    lines            bigint;
BEGIN
    new.action := left(new.action, 60);
    new.subject_kind := left(new.subject_kind, 60);
    new.remote_address := left(new.remote_address, 64);
    IF pg_column_size(new.detail) > detail_bytes_max THEN
        new.detail := jsonb_build_object('cut', left(new.detail::text, detail_bytes_max / 8));
    END IF;
    SELECT count(*), max(counted.id) INTO lines, newest
    FROM (SELECT line.id FROM audit_log AS line
          WHERE line.organization_id = new.organization_id AND coalesce(line.user_id, 0) = coalesce(new.user_id, 0)
            AND line.action = new.action AND line.at >= began_at AND line.at < began_at + interval '1 hour'
          ORDER BY line.at DESC LIMIT lines_max) AS counted;
    IF lines < lines_max THEN
        RETURN new;
    END IF;
    UPDATE audit_log AS line
    SET repeats = line.repeats + 1, last_at = greatest(line.last_at, line.at, new.at)
    WHERE line.organization_id = new.organization_id AND line.id = newest;
    RETURN NULL;
END $$;
