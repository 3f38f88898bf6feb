-- How the path $3 goes.
INSERT INTO log_files AS known (organization_id, database_connection_id, path, state, problem, remedy, format,
                                unread_bytes, unread_since, file_count)
VALUES ($1::bigint, $2::bigint, $3::text, $4::text, $5::text, $6::text, $7::text, $8::bigint, $9::timestamptz, $10::int)
ON CONFLICT (organization_id, database_connection_id, path) DO UPDATE
SET state = excluded.state, problem = excluded.problem, remedy = excluded.remedy, looked_at = now(),
    format = coalesce(excluded.format, known.format), unread_bytes = excluded.unread_bytes,
    unread_since = excluded.unread_since, file_count = excluded.file_count
