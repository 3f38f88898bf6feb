-- Stores the sealed agent token $3 of connection $2 of organization $1, and removes the one in clear, of which the hint
-- stays.
-- returns: legacy_agent_token_seal void
SELECT legacy_agent_token_seal($1::bigint, $2::bigint, $3::bytea)
