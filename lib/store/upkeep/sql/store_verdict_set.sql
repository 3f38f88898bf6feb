-- Is the store, as measured last, larger than $1 bytes? 0: no limit.
INSERT INTO store_verdict AS known (is_full, bytes, bytes_max)
SELECT $1::bigint > 0 AND measured.bytes > $1, measured.bytes, $1
FROM (SELECT coalesce(sum(bytes), 0)::bigint AS bytes FROM store_sizes
      WHERE measured_at = (SELECT max(measured_at) FROM store_sizes)) AS measured
ON CONFLICT (is_only) DO UPDATE
SET is_full = excluded.is_full, bytes = excluded.bytes, bytes_max = excluded.bytes_max, decided_at = now()
