-- Who reads literals: one line for each user, subject and day at most. $1 organization, $2 user, $3 action, $4 kind of
-- subject, $5 subjects, $6 remote address, $7 detail.
INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
SELECT $1::bigint, $2::bigint, $3::text, $4::text, subject.id, $6::text, $7::jsonb
FROM unnest($5::bigint[]) AS subject (id)
ORDER BY subject.id -- two who note the same at once wait for each other in one order
ON CONFLICT (organization_id, user_id, action, subject_id, ((at AT TIME ZONE 'UTC')::date))
    WHERE action IN ('literals_revealed', 'literals_listed') DO NOTHING
