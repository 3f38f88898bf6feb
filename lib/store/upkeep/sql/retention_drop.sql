-- One partition of table $1 that ends by $2; of samples, legacy ones of $3 and later are kept. NULL: there is none.
-- returns: drop_partition_before text
SELECT drop_partition_before($1::text::regclass, $2::timestamptz, $3::timestamptz)
