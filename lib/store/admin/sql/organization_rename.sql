-- $1 organization, $2 name, $3 caller, $4 remote address.
WITH target AS (
    SELECT id, name FROM organizations
    WHERE true
      AND id = $1::bigint -- scope
    FOR UPDATE
), changed AS (
    UPDATE organizations AS organization SET name = $2::text, data_version = organization.data_version + 1
    FROM target
    WHERE organization.id = target.id AND target.name <> $2::text
    RETURNING organization.id, organization.name
)
INSERT INTO audit_log (organization_id, user_id, action, subject_kind, subject_id, remote_address, detail)
SELECT changed.id, $3::bigint, 'organization_renamed', 'organization', changed.id, $4::text,
       jsonb_build_object('from', target.name, 'to', changed.name)
FROM changed, target
