-- Keys of tags with how many values they have.
-- $1 organization, $2 visible connections.
-- returns: tag_key text, value_count bigint
SELECT tag_key, count(DISTINCT tag_value) AS value_count
FROM query_tags
WHERE true
  AND organization_id = $1::bigint -- scope
  AND database_connection_id = ANY ($2::bigint[]) -- scope
GROUP BY tag_key
ORDER BY value_count DESC, tag_key
LIMIT 64
