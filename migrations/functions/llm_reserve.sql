-- Reserves what a question may use at most of its organization's budget for today, and keeps the question. Whoever asks
-- at the same time waits for the day's row, so that together they stay within the budget. A limit of 0 is none. The
-- result has an id, or says which budget does not hold it: 'tokens', 'time', 'money', or 'price' if money is limited
-- and the model's price is not known.
CREATE OR REPLACE FUNCTION llm_reserve(organization bigint, asker bigint, connection bigint, what_for text,
                                       server_kind text, model_name text, input_max bigint, output_max bigint,
                                       ms_max bigint, tokens_limit bigint, ms_limit bigint, micro_usd_limit bigint,
                                       asked text)
RETURNS TABLE (question_id bigint, refusal text)
LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
DECLARE
    today    CONSTANT date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    cost     bigint;
    used     llm_days%ROWTYPE;
    reserved record;
BEGIN
    SELECT ceil(input_max * price.input_usd + output_max * price.output_usd) INTO cost
    FROM llm_prices AS price
    WHERE price.kind = server_kind AND starts_with(model_name, price.model)
    ORDER BY length(price.model) DESC LIMIT 1;
    INSERT INTO llm_days (organization_id, day) VALUES (organization, today) ON CONFLICT DO NOTHING;
    SELECT * INTO used FROM llm_days WHERE organization_id = organization AND day = today FOR UPDATE;
    -- A statement of its own: it sees what those who held the lock before have reserved.
    SELECT coalesce(sum(reserved_tokens), 0) AS tokens, coalesce(sum(reserved_ms), 0) AS ms,
           coalesce(sum(reserved_micro_usd), 0) AS micro_usd INTO reserved
    FROM llm_questions
    WHERE organization_id = organization AND day = today AND outcome IS NULL AND expires_at > clock_timestamp();
    refusal := CASE
        WHEN tokens_limit > 0 AND used.tokens + reserved.tokens + input_max + output_max > tokens_limit THEN 'tokens'
        WHEN ms_limit > 0 AND used.ms + reserved.ms + ms_max > ms_limit THEN 'time'
        WHEN micro_usd_limit > 0 AND cost IS NULL THEN 'price'
        WHEN micro_usd_limit > 0 AND used.micro_usd + reserved.micro_usd + cost > micro_usd_limit THEN 'money' END;
    IF refusal IS NULL THEN
        INSERT INTO llm_questions (organization_id, user_id, database_connection_id, purpose, kind, model, day,
                                   expires_at, reserved_tokens, reserved_ms, reserved_micro_usd, question)
        VALUES (organization, asker, connection, what_for, server_kind, model_name, today,
                clock_timestamp() + make_interval(secs => ms_max / 1000.0 + 60), input_max + output_max, ms_max, cost,
                asked)
        RETURNING id INTO question_id;
    END IF;
    RETURN NEXT;
END $$;
