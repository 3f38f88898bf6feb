-- No row comes back when the agent $2 does not serve the connection $3. The same again within 10 seconds is not
-- written. wait_s above 0: nothing was written, since the agent says something new too often.
-- returns: wait_s float8
WITH known AS (
    SELECT collector.organization_id, collector.id, agent_writes(collector.writes, collector.last_seen_at) AS writes,
           collector.last_seen_at > now() - interval '10 seconds'
           AND coalesce($4::text, collector.version) = collector.version AND collector.detail = $5::jsonb AS is_same
    FROM collectors AS collector
    WHERE collector.id = $2::bigint
      AND collector.database_connection_id = $3::bigint -- scope
      AND collector.organization_id = $1::bigint -- scope
), changed AS (
    UPDATE collectors AS collector
    SET last_seen_at = now(), status = 'online', version = coalesce($4::text, collector.version), detail = $5::jsonb,
        writes = known.writes + 1
    FROM known
    WHERE collector.organization_id = known.organization_id AND collector.id = known.id AND NOT known.is_same
      AND agent_wait_s(known.writes) = 0
)
SELECT CASE WHEN is_same THEN 0 ELSE agent_wait_s(writes) END AS wait_s FROM known
