-- Bounds of what agents and people can make grow (lib/store/scope/quota.c, migrations/functions/audit_bound.sql).

-- How often an agent's row was written lately, as of last_seen_at: agent_writes(), agent_wait_s().
ALTER TABLE collectors ADD COLUMN writes double precision NOT NULL DEFAULT 0, SET (fillfactor = 50);
CREATE INDEX collectors_seen ON collectors (last_seen_at);

-- A line stands for 1 + repeats events of its user, action and hour, the last of them at last_at.
ALTER TABLE audit_log ADD COLUMN repeats bigint NOT NULL DEFAULT 0,
                      ADD COLUMN last_at timestamptz;
CREATE INDEX audit_log_actor ON audit_log (organization_id, coalesce(user_id, 0), action, at);
CREATE INDEX audit_log_age ON audit_log (at);
CREATE TRIGGER audit_bound BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_bound();

CREATE INDEX api_tokens_ended ON api_tokens (least(revoked_at, expires_at));
