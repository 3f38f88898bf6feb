-- Counts what a run has stored, and lets the connection wait where it stored more than one hour's budget. $3 bytes, $4
-- rows, $5 new statements; $6 to $8 budgets an hour of the same, 0: none; $9 what to say, for people.
WITH spent AS (
    INSERT INTO connection_spending AS known (organization_id, database_connection_id, bytes, row_count, statements,
                                              counted_at)
    VALUES ($1::bigint, $2::bigint, $3::float8, $4::float8, $5::float8, now())
    ON CONFLICT (organization_id, database_connection_id) DO UPDATE
    SET bytes = spending_left(known.bytes, $6::float8, known.counted_at) + excluded.bytes,
        row_count = spending_left(known.row_count, $7::float8, known.counted_at) + excluded.row_count,
        statements = spending_left(known.statements, $8::float8, known.counted_at) + excluded.statements,
        counted_at = now()
    RETURNING greatest(bytes / nullif($6, 0), row_count / nullif($7, 0), statements / nullif($8, 0)) AS hours
)
UPDATE connection_collection AS collection
SET paused_until = now() + make_interval(secs => (spent.hours - 1) * 3600), state = 'warning', problem = $9::text,
    remedy = 'Raise the threshold from which its statements count as slow, or these settings of Potto''s: '
             'POTTO_CONNECTION_BYTES_PER_HOUR, POTTO_CONNECTION_ROWS_PER_HOUR, POTTO_CONNECTION_STATEMENTS_PER_HOUR.'
FROM spent
WHERE collection.organization_id = $1 AND collection.database_connection_id = $2 AND spent.hours > 1
