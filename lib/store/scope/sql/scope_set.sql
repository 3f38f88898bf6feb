-- Sets the caller for the rest of the transaction: row policies read these settings (migrations/012_row_policies.sql).
-- $1 organization, $2 user or 0, $3 role, $4 visible connections, as the text of a bigint[], $5 on or off: the caller
-- acts as an administrator.
-- returns: organization_id text, user_id text, role text, connection_ids text, administers text
SELECT set_config('potto.organization_id', $1::text, true) AS organization_id,
       set_config('potto.user_id', $2::text, true) AS user_id,
       set_config('potto.role', $3::text, true) AS role,
       set_config('potto.connection_ids', $4::text, true) AS connection_ids,
       set_config('potto.administers', $5::text, true) AS administers
