-- Deletes at most $2 lines of the audit log that are older than $1.
DELETE FROM audit_log
WHERE ctid = ANY (ARRAY (SELECT ctid FROM audit_log WHERE at < $1::timestamptz ORDER BY at LIMIT $2::int))
