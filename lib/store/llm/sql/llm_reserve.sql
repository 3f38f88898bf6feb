-- See migrations/functions/llm_reserve.sql.
-- returns: question_id bigint, refusal text
SELECT question_id, refusal
FROM llm_reserve($1::bigint, $2::bigint, $3::bigint, $4::text, $5::text, $6::text, $7::bigint, $8::bigint, $9::bigint,
                 $10::bigint, $11::bigint, $12::bigint, $13::text)
