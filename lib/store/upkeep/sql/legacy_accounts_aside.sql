-- Renames the predecessors' tables whose names Potto's have.
-- returns: legacy_accounts_aside void
SELECT legacy_accounts_aside()
