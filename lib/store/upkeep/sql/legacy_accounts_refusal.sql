-- Why the predecessors' tables cannot be taken over; NULL: they can, or there are none.
-- returns: refusal text
SELECT legacy_accounts_refusal() AS refusal
