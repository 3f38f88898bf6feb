-- Whom the rest of the transaction is run for: row-level security reads these settings (migrations/012_row_policies.sql), which
-- end with it. $1 organization, $2 user or 0, $3 role, $4 connections that may be read, as the text of a bigint[],
-- $5 on or off: whether an admin administers.
-- returns: organization_id text, user_id text, role text, connection_ids text, administers text
SELECT set_config('potto.organization_id', $1::text, true) AS organization_id,
       set_config('potto.user_id', $2::text, true) AS user_id,
       set_config('potto.role', $3::text, true) AS role,
       set_config('potto.connection_ids', $4::text, true) AS connection_ids,
       set_config('potto.administers', $5::text, true) AS administers
