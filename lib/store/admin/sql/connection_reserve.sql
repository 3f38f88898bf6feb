-- The id of a connection that is made afterwards: its secrets are sealed for this id.
-- returns: id bigint
SELECT nextval('database_connections_id_seq') AS id
