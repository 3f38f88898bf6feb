-- Grant the API's roles what the schema declares. A row: SQL that a superuser must run first.
-- returns: statement text
SELECT statement FROM potto_grants() AS statement
