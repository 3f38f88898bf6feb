-- Whether anything is known of a period. $1 organization, $2 visible connections, $3 connection or 0, $4 resolution, $5 to $6 period.
-- returns: is_watched boolean
SELECT EXISTS (SELECT FROM query_metrics
               WHERE ($3::bigint = 0 OR database_connection_id = $3::bigint)
                 AND organization_id = $1::bigint -- scope
                 AND database_connection_id = ANY ($2::bigint[]) -- scope
                 AND resolution_s = $4::int AND bucket_at >= $5::timestamptz AND bucket_at < $6::timestamptz) AS is_watched
