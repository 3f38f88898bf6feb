-- The question $2 of organization $1 has ended: its outcome $3, problem $4, tokens $5 and $6 (NULL: not told; then what
-- was reserved counts if $9), milliseconds $7, and what the model said $8. Nothing happens if it has ended already.
WITH priced AS (
    SELECT question.id, question.day,
           CASE WHEN $5::bigint IS NULL AND $9::bool THEN question.reserved_tokens
                ELSE coalesce($5, 0) + coalesce($6::bigint, 0) END AS tokens,
           CASE WHEN $5 IS NULL AND $9 THEN question.reserved_micro_usd
                ELSE (SELECT ceil(coalesce($5, 0) * price.input_usd + coalesce($6, 0) * price.output_usd)::bigint
                      FROM llm_prices AS price
                      WHERE price.kind = question.kind AND starts_with(question.model, price.model)
                      ORDER BY length(price.model) DESC LIMIT 1) END AS micro_usd
    FROM llm_questions AS question
    WHERE question.organization_id = $1::bigint AND question.id = $2::bigint
), ended AS (
    UPDATE llm_questions AS question
    SET outcome = $3::text, problem = $4::text, input_tokens = $5, output_tokens = $6, ms = $7::bigint,
        micro_usd = priced.micro_usd, answer = $8::text
    FROM priced
    WHERE question.organization_id = $1 AND question.id = priced.id AND question.outcome IS NULL
    RETURNING question.day
)
INSERT INTO llm_days AS known (organization_id, day, tokens, ms, micro_usd, questions)
SELECT $1, ended.day, priced.tokens, $7, coalesce(priced.micro_usd, 0), 1
FROM ended, priced
ON CONFLICT (organization_id, day) DO UPDATE
SET tokens = known.tokens + excluded.tokens, ms = known.ms + excluded.ms,
    micro_usd = known.micro_usd + excluded.micro_usd, questions = known.questions + 1
