-- The organization's audit log, newest first. $1 organization, $2 the last id before, $3 action, $4 user or 0, $5 kind
-- of subject, $6 subject or 0, $7 from, $8 to (NULL: any), $9 limit.
-- returns: id bigint, at timestamptz, user_id bigint, email text, action text, subject_kind text, subject_id bigint,
--   remote_address text, detail jsonb, repeats bigint, last_at timestamptz
SELECT entry.id, entry.at, coalesce(entry.user_id, 0) AS user_id, person.email, entry.action, entry.subject_kind,
       coalesce(entry.subject_id, 0) AS subject_id, entry.remote_address, entry.detail,
       entry.repeats, entry.last_at
FROM audit_log AS entry
LEFT JOIN users AS person ON person.organization_id = entry.organization_id AND person.id = entry.user_id
WHERE entry.id < $2::bigint
  AND entry.organization_id = $1::bigint -- scope
  AND ($3::text IS NULL OR entry.action = $3::text)
  AND ($4::bigint = 0 OR entry.user_id = $4::bigint)
  AND ($5::text IS NULL OR entry.subject_kind = $5::text)
  AND ($6::bigint = 0 OR entry.subject_id = $6::bigint)
  AND ($7::timestamptz IS NULL OR entry.at >= $7::timestamptz)
  AND ($8::timestamptz IS NULL OR entry.at < $8::timestamptz)
ORDER BY entry.id DESC
LIMIT $9::int
