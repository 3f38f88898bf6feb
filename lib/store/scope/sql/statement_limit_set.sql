-- Lets each statement of the rest of the transaction take $1 milliseconds.
-- returns: statement_timeout text
SELECT set_config('statement_timeout', $1::text, true) AS statement_timeout
