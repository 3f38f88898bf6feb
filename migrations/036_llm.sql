-- Questions to language models: what they cost, what an organization has spent, and what was said (docs/data.md).

-- In US dollars for a million tokens. A row is for the models whose names begin with `model`; the longest name counts.
CREATE TABLE llm_prices (
    kind       text NOT NULL, -- 'ollama', 'claude'
    model      text NOT NULL,
    input_usd  double precision NOT NULL CHECK (input_usd >= 0),
    output_usd double precision NOT NULL CHECK (output_usd >= 0),
    PRIMARY KEY (kind, model)
);
-- Anthropic's list of prices; a model that is not in it needs a row before it is asked.
INSERT INTO llm_prices (kind, model, input_usd, output_usd) VALUES
    ('ollama', '', 0, 0),
    ('claude', 'claude-3-haiku', 0.25, 1.25),
    ('claude', 'claude-3-5-haiku', 0.8, 4),
    ('claude', 'claude-3-5-sonnet', 3, 15),
    ('claude', 'claude-3-7-sonnet', 3, 15),
    ('claude', 'claude-3-opus', 15, 75),
    ('claude', 'claude-haiku-4', 1, 5),
    ('claude', 'claude-sonnet-4', 3, 15),
    ('claude', 'claude-opus-4', 15, 75),
    ('claude', 'claude-opus-4-5', 5, 25),
    ('claude', 'claude-opus-4-6', 5, 25);

-- What the questions of one day (UTC) have used that have ended. Whoever reserves locks the row.
CREATE TABLE llm_days (
    organization_id bigint NOT NULL,
    day             date NOT NULL,
    tokens          bigint NOT NULL DEFAULT 0,
    ms              bigint NOT NULL DEFAULT 0,
    micro_usd       bigint NOT NULL DEFAULT 0, -- of those whose price is known
    questions       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, day)
);

-- Every question with its answer. One without an outcome is being asked; what it has reserved counts until it expires,
-- so what a process reserved that was killed is given back.
CREATE TABLE llm_questions (
    organization_id        bigint NOT NULL,
    id                     bigint GENERATED ALWAYS AS IDENTITY,
    user_id                bigint, -- who may read it; NULL: Potto asked by itself, and admins may
    database_connection_id bigint, -- NULL: it is about none
    purpose                text NOT NULL,
    kind                   text NOT NULL,
    model                  text NOT NULL,
    day                    date NOT NULL,
    asked_at               timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at             timestamptz NOT NULL,
    reserved_tokens        bigint NOT NULL,
    reserved_ms            bigint NOT NULL,
    reserved_micro_usd     bigint, -- NULL: the price is not known
    outcome                text, -- llm_outcome_name()
    problem                text,
    input_tokens           bigint, -- NULL: the server did not say
    output_tokens          bigint,
    ms                     bigint,
    micro_usd              bigint,
    question               text NOT NULL,
    answer                 text, -- what the model said
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX llm_questions_open ON llm_questions (organization_id, day) WHERE outcome IS NULL;
CREATE INDEX llm_questions_age ON llm_questions (asked_at);

SELECT potto_row_policy('llm_days');
SELECT potto_row_policy('llm_questions', 'SELECT', 'organization_id = (SELECT potto_organization())
    AND (user_id = (SELECT potto_user()) OR (user_id IS NULL AND (SELECT potto_role()) = ''admin''))
    AND (database_connection_id IS NULL OR database_connection_id IN (SELECT unnest(potto_connections())))');
