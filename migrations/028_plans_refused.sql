-- Why a fingerprint got no plan on a connection, when it was last tried.
CREATE TABLE query_plans_refused (
    organization_id        bigint NOT NULL,
    database_connection_id bigint NOT NULL,
    sql_hash               uuid NOT NULL,
    reason                 text NOT NULL, -- enum plan_refusal
    code                   text CHECK (code ~ '^[0-9A-Z]{1,5}$'), -- what the server called it
    refused_at             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, sql_hash, database_connection_id)
);
SELECT potto_row_policy('query_plans_refused');

-- Why a connection makes no plans at all; NULL: it makes them.
ALTER TABLE connection_collection ADD COLUMN plans_off text;
