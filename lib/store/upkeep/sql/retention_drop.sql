-- Drops one partition of table $1 that ends at $2 or earlier. If it holds samples, the predecessors' samples from $3 on
-- are kept. NULL: there is no such partition.
-- returns: drop_partition_before text
SELECT drop_partition_before($1::text::regclass, $2::timestamptz, $3::timestamptz)
