-- At most $1 agent tokens that the predecessors stored in clear and that are not sealed yet.
-- returns: organization_id bigint, connection_id bigint, agent_token text
SELECT organization_id, connection_id, agent_token
FROM legacy_agent_tokens() LIMIT $1::int
