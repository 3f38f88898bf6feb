-- Deletes at most $2 questions to language models that are older than $1.
DELETE FROM llm_questions
WHERE ctid = ANY (ARRAY (SELECT ctid FROM llm_questions WHERE asked_at < $1::timestamptz ORDER BY asked_at
                         LIMIT $2::int))
