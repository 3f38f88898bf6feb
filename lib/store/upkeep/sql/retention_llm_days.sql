-- Deletes at most $2 days of what was spent on language models that are older than $1.
DELETE FROM llm_days
WHERE ctid = ANY (ARRAY (SELECT ctid FROM llm_days WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date
                         LIMIT $2::int))
