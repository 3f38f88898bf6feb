-- Deletes old measurements: the first one of each day is kept for 400 days, the others for two.
DELETE FROM store_sizes AS size
WHERE size.measured_at < now() - interval '400 days'
   OR size.measured_at < now() - interval '2 days'
      AND EXISTS (SELECT FROM store_sizes AS earlier
                  WHERE earlier.measured_at >= date_trunc('day', size.measured_at)
                    AND earlier.measured_at < size.measured_at)
