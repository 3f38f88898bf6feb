-- Takes over the tables that were renamed, and counts what came of them. No row: there were none.
-- returns: organizations bigint, teams bigint, users bigint, connections bigint, passwords_lost bigint,
--   lacks_admin boolean
SELECT organizations, teams, users, connections, passwords_lost, lacks_admin
FROM legacy_accounts_carry()
