-- Adds what was read of a file to its path $3.
INSERT INTO log_files AS known (organization_id, database_connection_id, path, state, read_at, last_event_at, bytes,
                                entries, executions, samples, plans, deadlocks, elsewhere, timeless, foreign_lines,
                                unread_entries, skipped_bytes)
VALUES ($1::bigint, $2::bigint, $3::text, 'ok', CASE WHEN $5::bigint > 0 THEN now() END, $4::timestamptz, $5,
        $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::bigint, $11::bigint, $12::bigint, $13::bigint, $14::bigint,
        $15::bigint)
ON CONFLICT (organization_id, database_connection_id, path) DO UPDATE
SET read_at = coalesce(excluded.read_at, known.read_at),
    last_event_at = greatest(known.last_event_at, excluded.last_event_at),
    bytes = known.bytes + excluded.bytes, entries = known.entries + excluded.entries,
    executions = known.executions + excluded.executions, samples = known.samples + excluded.samples,
    plans = known.plans + excluded.plans, deadlocks = known.deadlocks + excluded.deadlocks,
    elsewhere = known.elsewhere + excluded.elsewhere, timeless = known.timeless + excluded.timeless,
    foreign_lines = known.foreign_lines + excluded.foreign_lines,
    unread_entries = known.unread_entries + excluded.unread_entries,
    skipped_bytes = known.skipped_bytes + excluded.skipped_bytes
