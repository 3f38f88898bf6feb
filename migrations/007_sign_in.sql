-- Signing in: tokens of scripts, and what slows down guessing.

-- An API token has its user's rights, cut down to a scope, until a date.
CREATE TABLE api_tokens (
    organization_id bigint NOT NULL,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    user_id         bigint NOT NULL,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    -- read: GET only, as a viewer; write: as a member at most; admin: whatever the user may.
    scope           text NOT NULL CHECK (scope IN ('read', 'write', 'admin')),
    token_hash      bytea NOT NULL UNIQUE, -- SHA-256
    token_hint      text NOT NULL, -- pot_…last four
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL CHECK (expires_at <= created_at + interval '366 days'),
    last_used_at    timestamptz, -- to the minute
    revoked_at      timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX api_tokens_user ON api_tokens (organization_id, user_id);

-- Failed sign-ins. They are counted before the password is checked and taken back if it was right. Keys are
-- HMAC-SHA-256, because people also type passwords into the address field.
CREATE TABLE sign_in_counters (
    kind          smallint NOT NULL, -- 1 an account in one network, 2 a network, 3 an account in networks new to it
    key           bytea NOT NULL,
    failures      int NOT NULL,
    blocked_until timestamptz NOT NULL DEFAULT '-infinity',
    forget_at     timestamptz NOT NULL,
    PRIMARY KEY (kind, key)
);
CREATE INDEX sign_in_counters_forget ON sign_in_counters (forget_at);

-- Networks from which an account signed in lately: there it has failures of its own. Keys are those of kind 1 above.
CREATE TABLE sign_in_networks (
    key             bytea PRIMARY KEY,
    last_success_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_networks_last_success ON sign_in_networks (last_success_at);
