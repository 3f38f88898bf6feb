-- A line in the audit log, by a privileged function, since a sign-in is written before anybody is known.
-- $1 organization, $2 user or 0, $3 action, $4 kind of subject, $5 subject or 0, $6 remote address, $7 detail.
SELECT FROM audit_append($1::bigint, $2::bigint, $3::text, $4::text, $5::bigint, $6::text, $7::jsonb)
