-- $1 organization, $2 user or 0, $3 action, $4 kind of subject, $5 subject or 0, $6 remote address, $7 detail.
INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
VALUES ($1::bigint, nullif($2::bigint, 0), $3::text, $4::text, nullif($5::bigint, 0), $6::text, $7::jsonb)
