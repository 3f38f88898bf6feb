-- Functions and views that potto migrate has loaded.
-- returns: name text
SELECT name FROM schema_functions ORDER BY name
