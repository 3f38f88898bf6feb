-- Strips of some fingerprints (migrations/010_segments.sql).
-- $1 organization, $2 visible connections, $3 connection or 0, $4 engine or NULL, $5 hashes; $6 to $8 width of the cells of each part
-- of a period, where its first strip starts, and its end; $9 how much of them (store/query_cells.h); $10 team or 0.
-- returns: place bigint, database_connection_id bigint, cell_s bigint, start_at timestamptz, sums bytea,
--   details bytea, histograms bytea
WITH chosen AS (
    SELECT coalesce(array_agg(id), '{}') AS ids
    FROM database_connections
    WHERE ($3::bigint = 0 OR id = $3::bigint)
      AND organization_id = $1::bigint -- scope
      AND id = ANY ($2::bigint[]) -- scope
      AND ($4::text IS NULL OR engine::text = $4::text)
      AND ($10::bigint = 0 OR team_id = $10::bigint)
)
SELECT wanted.place, strip.database_connection_id, part.cell_s, strip.start_at, strip.sums, strip.details, strip.histograms
FROM unnest($5::uuid[]) WITH ORDINALITY AS wanted (sql_hash, place)
CROSS JOIN unnest($6::bigint[], $7::timestamptz[], $8::timestamptz[]) AS part (cell_s, from_at, to_at)
CROSS JOIN LATERAL ( -- OFFSET 0: one by one, by the key, however many the planner takes them for
    SELECT database_connection_id, start_at, sums, CASE WHEN $9::int >= 1 THEN details END AS details,
           CASE WHEN $9::int >= 2 THEN histograms END AS histograms
    FROM query_strips
    WHERE sql_hash = wanted.sql_hash AND cell_s = part.cell_s AND start_at >= part.from_at AND start_at < part.to_at
      AND database_connection_id = ANY ((SELECT ids FROM chosen)::bigint[])
      AND organization_id = $1::bigint -- scope
    OFFSET 0) AS strip
