-- $1 action, $2 detail; for every organization.
INSERT INTO audit_log (organization_id, action, subject_kind, detail)
SELECT id, $1::text, 'key', $2::jsonb FROM organizations
