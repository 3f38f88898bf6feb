-- Counts what a run has stored, and lets the connection wait where it or its organization stored more than one hour's
-- budget. $3 bytes, $4 rows, $5 new statements; budgets an hour of the same, 0: none: $6 to $8 of the connection, $9 to
-- $11 of the organization; what to say, for people, where it is $12 the connection, $13 the organization.
WITH own AS (
    INSERT INTO connection_spending AS known (organization_id, database_connection_id, bytes, row_count, statements,
                                              counted_at)
    VALUES ($1::bigint, $2::bigint, $3::float8, $4::float8, $5::float8, now())
    ON CONFLICT (organization_id, database_connection_id) DO UPDATE
    SET bytes = spending_left(known.bytes, $6::float8, known.counted_at) + excluded.bytes,
        row_count = spending_left(known.row_count, $7::float8, known.counted_at) + excluded.row_count,
        statements = spending_left(known.statements, $8::float8, known.counted_at) + excluded.statements,
        counted_at = now()
    RETURNING coalesce(greatest(bytes / nullif($6, 0), row_count / nullif($7, 0), statements / nullif($8, 0)), 0)
              AS hours
), everybody AS (
    INSERT INTO organization_spending AS known (organization_id, bytes, row_count, statements, counted_at)
    VALUES ($1, $3, $4, $5, now())
    ON CONFLICT (organization_id) DO UPDATE
    SET bytes = spending_left(known.bytes, $9::float8, known.counted_at) + excluded.bytes,
        row_count = spending_left(known.row_count, $10::float8, known.counted_at) + excluded.row_count,
        statements = spending_left(known.statements, $11::float8, known.counted_at) + excluded.statements,
        counted_at = now()
    RETURNING coalesce(greatest(bytes / nullif($9, 0), row_count / nullif($10, 0), statements / nullif($11, 0)), 0)
              AS hours
)
UPDATE connection_collection AS collection
SET paused_until = now() + make_interval(secs => (greatest(own.hours, everybody.hours) - 1) * 3600), state = 'warning',
    problem = CASE WHEN everybody.hours > own.hours THEN $13::text ELSE $12::text END,
    remedy = format('Raise the threshold from which its statements count as slow, or these settings of Potto''s: '
                    'POTTO_%1$s_BYTES_PER_HOUR, POTTO_%1$s_ROWS_PER_HOUR, POTTO_%1$s_STATEMENTS_PER_HOUR.',
                    CASE WHEN everybody.hours > own.hours THEN 'ORGANIZATION' ELSE 'CONNECTION' END)
FROM own, everybody
WHERE collection.organization_id = $1 AND collection.database_connection_id = $2
  AND greatest(own.hours, everybody.hours) > 1
