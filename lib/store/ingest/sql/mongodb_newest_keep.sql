-- Keeps the newest $10 reports of nodes, of which new ones have come: in any order the same rows come out of it. $5 has
-- $9 numbers of each node; $6 says where a node's times ($7) and operations ($8) end.
INSERT INTO mongodb_newest AS known (organization_id, database_connection_id, node_id, role, numbers, times, operations)
SELECT $1::bigint, $2::bigint, node_id, role, ($5::bigint[])[(place - 1) * $9::int + 1:place * $9],
       ($7::timestamptz[])[last_end + 1:this_end], ($8::bigint[])[last_end + 1:this_end]
FROM (SELECT node_id, role, place, this_end, lag(this_end, 1, 0::bigint) OVER (ORDER BY place) AS last_end
      FROM unnest($3::text[], $4::text[], $6::bigint[]) WITH ORDINALITY AS node (node_id, role, this_end, place)
     ) AS sent
ORDER BY place
ON CONFLICT (organization_id, database_connection_id, node_id) DO UPDATE
SET role = CASE WHEN excluded.times[1] > known.times[1] THEN excluded.role ELSE known.role END,
    numbers = CASE WHEN excluded.times[1] > known.times[1] THEN excluded.numbers ELSE known.numbers END,
    (times, operations) = (
        SELECT array_agg(report.time ORDER BY report.time DESC), array_agg(report.operations ORDER BY report.time DESC)
        FROM (SELECT DISTINCT ON (candidate.time) candidate.time, candidate.operations
              FROM (SELECT unnest(known.times) AS time, unnest(known.operations) AS operations
                    UNION ALL
                    SELECT unnest(excluded.times), unnest(excluded.operations)) AS candidate
              ORDER BY candidate.time DESC
              LIMIT $10::int) AS report)
WHERE cardinality(known.times) < $10 OR excluded.times[1] > known.times[$10]
