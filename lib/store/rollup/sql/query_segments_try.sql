-- Build the segments and chunks of the connections $1 alone. The caller rolls back.
-- returns: query_segments_refresh void
SELECT query_segments_refresh(only_connections => $1::bigint[])
