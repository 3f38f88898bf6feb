-- Grants the API's roles what the schema declares. Each row is a statement that a superuser must run first.
-- returns: statement text
SELECT statement FROM potto_grants() AS statement
