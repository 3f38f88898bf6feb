-- $1 email, its ASCII letters in lower case.
SELECT person.organization_id, person.id, person.email, person.display_name, person.role::text, person.password_hash,
       person.is_active AND organization.is_active
FROM users AS person JOIN organizations AS organization ON organization.id = person.organization_id
WHERE lower(person.email) = $1::text
