-- Whether anything is known of a period. $1 organization, $2 chosen connections, $3 resolution, $4 to $5 period.
-- returns: is_watched boolean
SELECT EXISTS (SELECT FROM query_metrics
               WHERE true
                 AND organization_id = $1::bigint -- scope
                 AND database_connection_id = ANY ($2::bigint[]) -- scope
                 AND resolution_s = $3::int AND bucket_at >= $4::timestamptz AND bucket_at < $5::timestamptz) AS is_watched
