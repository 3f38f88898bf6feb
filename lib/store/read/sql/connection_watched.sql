-- Whether anything is known of a period.
-- $1 organization, $2 chosen connections, $3 resolution, $4 to $5 period.
-- returns: is_watched boolean
SELECT EXISTS (
    SELECT FROM query_metrics
    WHERE resolution_s = $3::int AND bucket_at >= $4::timestamptz AND bucket_at < $5::timestamptz
      AND organization_id = $1::bigint -- scope
      AND database_connection_id = ANY ($2::bigint[]) -- scope
) AS is_watched
