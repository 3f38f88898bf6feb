-- Grant the API's roles what migrations/009_row_security.sql and later ones say. A row: SQL that a superuser must run first.
-- returns: statement text
SELECT statement FROM potto_grants() AS statement
