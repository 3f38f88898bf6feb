-- Whose reports these are: the connection, whether the caller may send for it ($4: it is the caller's own, an agent's;
-- else user $5, $6: an admin), what it and its organization stored lately, whether the store is full, and its nodes of
-- the last day with the seconds since each was noted.
-- returns: engine text, is_allowed boolean, bytes float8, row_count float8, statements float8, age_s float8,
--          organization_bytes float8, organization_rows float8, organization_statements float8,
--          organization_age_s float8, is_store_full boolean, nodes text[], node_ages_s bigint[]
SELECT connection.engine::text,
       $4::bool OR may_change_connection(connection.organization_id, connection.team_id, connection.owner_user_id,
                                         $5::bigint, $6::bool) AS is_allowed,
       spent.bytes, spent.row_count, spent.statements, spent.age_s, spent.organization_bytes, spent.organization_rows,
       spent.organization_statements, spent.organization_age_s, spent.is_store_full,
       node.ids AS nodes, node.ages_s AS node_ages_s
FROM database_connections AS connection
CROSS JOIN LATERAL connection_spent(connection.id) AS spent
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(known.node_id::text ORDER BY known.node_id), '{}') AS ids,
           coalesce(array_agg(extract(epoch FROM now() - known.last_seen_at)::bigint ORDER BY known.node_id), '{}')
               AS ages_s
    FROM mongodb_nodes AS known
    WHERE known.organization_id = connection.organization_id AND known.database_connection_id = connection.id
      AND known.last_seen_at > now() - interval '1 day') AS node
WHERE connection.id = $3::bigint
  AND connection.organization_id = $1::bigint -- scope
  AND connection.id = ANY ($2::bigint[]) -- scope
