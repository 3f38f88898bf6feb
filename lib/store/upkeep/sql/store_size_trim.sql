-- The first measurement of each day stays for 400 days, every one for two.
DELETE FROM store_sizes AS size
WHERE size.measured_at < now() - interval '400 days'
   OR size.measured_at < now() - interval '2 days'
      AND EXISTS (SELECT FROM store_sizes AS earlier
                  WHERE earlier.measured_at >= date_trunc('day', size.measured_at) AND earlier.measured_at < size.measured_at)
