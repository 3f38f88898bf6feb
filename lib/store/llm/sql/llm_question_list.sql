-- Questions to language models that the caller asked, newest first, with those that Potto asked by itself if $4 (an
-- admin). $1 organization, $2 visible connections, $3 user, $5 the last id before, $6 limit.
-- returns: id bigint, asked_at timestamptz, purpose text, database_connection_id bigint, is_own boolean, kind text,
--   model text, outcome text, problem text, input_tokens bigint, output_tokens bigint, ms bigint, micro_usd bigint,
--   question text, answer text
SELECT asked.id, asked.asked_at, asked.purpose, asked.database_connection_id, asked.user_id IS NOT NULL AS is_own,
       asked.kind, asked.model,
       coalesce(asked.outcome, CASE WHEN asked.expires_at > now() THEN 'open' ELSE 'lost' END) AS outcome,
       asked.problem, asked.input_tokens, asked.output_tokens, asked.ms, asked.micro_usd, asked.question, asked.answer
FROM llm_questions AS asked
WHERE asked.id < $5::bigint
  AND asked.organization_id = $1::bigint -- scope
  AND (asked.user_id = $3::bigint OR (asked.user_id IS NULL AND $4::bool)) -- scope
  AND (asked.database_connection_id IS NULL OR asked.database_connection_id = ANY ($2::bigint[])) -- scope
ORDER BY asked.id DESC
LIMIT $6::int
