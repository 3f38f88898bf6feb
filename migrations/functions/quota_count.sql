-- Privileged. Counts what the quota `kind` bounds (lib/store/scope/quota.c) in an organization, or of the user
-- `subject`. Until the end of the transaction nobody else counts the same: the lock is taken before the statement that
-- counts begins, so that it sees what the holder before has made.
CREATE OR REPLACE FUNCTION quota_count(kind text, organization bigint, subject bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF organization <> coalesce(potto_organization(), organization) THEN
        RAISE insufficient_privilege USING MESSAGE = 'another organization''s quota';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(format('quota %s %s %s', kind, organization, subject), 0));
    CASE kind
    WHEN 'connections' THEN
        RETURN (SELECT count(*) FROM database_connections WHERE organization_id = organization AND NOT is_legacy);
    WHEN 'users' THEN
        RETURN (SELECT count(*) FROM users WHERE organization_id = organization);
    WHEN 'teams' THEN
        RETURN (SELECT count(*) FROM teams WHERE organization_id = organization);
    WHEN 'memberships' THEN
        RETURN (SELECT count(*) FROM team_members WHERE organization_id = organization);
    WHEN 'api_tokens' THEN
        RETURN (SELECT count(*) FROM api_tokens
                WHERE organization_id = organization AND user_id = subject AND revoked_at IS NULL
                  AND expires_at > now());
    WHEN 'api_tokens_kept' THEN
        RETURN (SELECT count(*) FROM api_tokens WHERE organization_id = organization AND user_id = subject);
    WHEN 'jobs_open' THEN
        RETURN (SELECT count(*) FROM jobs
                WHERE organization_id = organization AND user_id = subject AND state IN ('queued', 'running'));
    WHEN 'jobs_kept' THEN
        RETURN (SELECT count(*) FROM jobs WHERE organization_id = organization AND user_id = subject);
    END CASE;
END $$;
