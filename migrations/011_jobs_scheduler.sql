-- Jobs, collect-now, the schedule of each organization, and reading a period from the widest rollups that fit.

ALTER TABLE jobs ADD COLUMN started_at timestamptz,
                 ADD COLUMN attempts   int NOT NULL DEFAULT 0, -- how many collectors have begun it
                 ADD COLUMN problem    text, -- why it failed, for people
                 ADD COLUMN remedy     text;
CREATE INDEX jobs_open ON jobs (created_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- Somebody asked for a run at once: whatever the schedule says, and until a run that began later has ended.
ALTER TABLE connection_collection ADD COLUMN requested_at              timestamptz,
                                  ADD COLUMN requested_min_duration_ms double precision;

-- No row: it runs, and each connection at its own interval.
CREATE TABLE collector_schedules (
    organization_id  bigint PRIMARY KEY REFERENCES organizations,
    is_running       boolean NOT NULL,
    interval_minutes int CHECK (interval_minutes BETWEEN 1 AND 1440), -- at least so long between runs; NULL: no bound
    changed_by       bigint, -- user
    changed_at       timestamptz NOT NULL DEFAULT now()
);
DO $$
DECLARE
    own_organization CONSTANT text := 'organization_id = (SELECT potto_organization())';
    is_admin         CONSTANT text := own_organization || ' AND (SELECT potto_role()) = ''admin''';
BEGIN
    IF to_regprocedure('potto_wall(regclass, text, text, text, text, text)') IS NOT NULL THEN -- 009
        PERFORM potto_wall('collector_schedules', 'SELECT, INSERT, UPDATE', own_organization, is_admin, is_admin, NULL);
    END IF;
END $$;

-- What was new lately, without reading all there is.
CREATE INDEX query_fingerprint_connections_first_seen
    ON query_fingerprint_connections (organization_id, first_seen_at DESC);

-- Rollups of a period that lib/store/query_parts.c has cut into five-minute, hour, day, hour and five-minute buckets. A plain
-- SELECT, so that the planner puts it in place of the call and whoever calls it filters by organization and connection.
CREATE FUNCTION fingerprint_facts(fine_from timestamptz, fine_to timestamptz, hour_from timestamptz, hour_to timestamptz,
                                  day_from timestamptz, day_to timestamptz, late_hour_from timestamptz, late_hour_to timestamptz,
                                  late_fine_from timestamptz, late_fine_to timestamptz)
RETURNS TABLE (organization_id bigint, database_connection_id bigint, sql_hash uuid, calls bigint, slow_calls bigint,
               total_ms double precision, max_ms double precision, rows_examined bigint, rows_returned bigint,
               blocks_hit bigint, blocks_read bigint)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT organization_id, database_connection_id, sql_hash, calls, slow_calls, total_ms, max_ms, rows_examined,
           rows_returned, blocks_hit, blocks_read
    FROM query_fingerprint_metrics WHERE resolution_s = 300 AND bucket_at >= $1 AND bucket_at < $2
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, calls, slow_calls, total_ms, max_ms, rows_examined,
           rows_returned, blocks_hit, blocks_read
    FROM query_fingerprint_metrics WHERE resolution_s = 3600 AND bucket_at >= $3 AND bucket_at < $4
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, calls, slow_calls, total_ms, max_ms, rows_examined,
           rows_returned, blocks_hit, blocks_read
    FROM query_fingerprint_metrics WHERE resolution_s = 86400 AND bucket_at >= $5 AND bucket_at < $6
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, calls, slow_calls, total_ms, max_ms, rows_examined,
           rows_returned, blocks_hit, blocks_read
    FROM query_fingerprint_metrics WHERE resolution_s = 3600 AND bucket_at >= $7 AND bucket_at < $8
    UNION ALL
    SELECT organization_id, database_connection_id, sql_hash, calls, slow_calls, total_ms, max_ms, rows_examined,
           rows_returned, blocks_hit, blocks_read
    FROM query_fingerprint_metrics WHERE resolution_s = 300 AND bucket_at >= $9 AND bucket_at < $10
$$;

CREATE FUNCTION connection_facts(fine_from timestamptz, fine_to timestamptz, hour_from timestamptz, hour_to timestamptz,
                                 day_from timestamptz, day_to timestamptz, late_hour_from timestamptz, late_hour_to timestamptz,
                                 late_fine_from timestamptz, late_fine_to timestamptz)
RETURNS TABLE (organization_id bigint, database_connection_id bigint, calls bigint, slow_calls bigint,
               total_ms double precision)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 300 AND bucket_at >= $1 AND bucket_at < $2
    UNION ALL
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 3600 AND bucket_at >= $3 AND bucket_at < $4
    UNION ALL
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 86400 AND bucket_at >= $5 AND bucket_at < $6
    UNION ALL
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 3600 AND bucket_at >= $7 AND bucket_at < $8
    UNION ALL
    SELECT organization_id, database_connection_id, calls, slow_calls, total_ms
    FROM query_metrics WHERE resolution_s = 300 AND bucket_at >= $9 AND bucket_at < $10
$$;

SELECT potto_wall('collector_schedules', 'SELECT, INSERT, UPDATE', 'organization_id = (SELECT potto_organization())',
                  'organization_id = (SELECT potto_organization()) AND (SELECT potto_role()) = ''admin''',
                  'organization_id = (SELECT potto_organization()) AND (SELECT potto_role()) = ''admin''', NULL);
