-- What new reports add to mongodb_stats: a row for each node and five minutes. $6 and $7 hold the totals and counts of
-- all rows, one row of $8 values after the other.
INSERT INTO mongodb_deltas (organization_id, database_connection_id, node_id, bucket_at, reports, totals, counts)
SELECT $1::bigint, $2::bigint, node_id, bucket_at, reports,
       ($6::bigint[])[(place - 1) * $8::int + 1:place * $8], ($7::bigint[])[(place - 1) * $8 + 1:place * $8]
FROM unnest($3::text[], $4::timestamptz[], $5::bigint[]) WITH ORDINALITY AS delta (node_id, bucket_at, reports, place)
