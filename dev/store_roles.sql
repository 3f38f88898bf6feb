-- The store's roles and its database, for psql: a superuser runs this in the database `postgres`, with the passwords of
-- the roles in the variables potto and potto_api. Every statement can be repeated.
SELECT format('CREATE ROLE potto LOGIN PASSWORD %L', :'potto')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'potto')
\gexec
SELECT format('CREATE ROLE potto_api LOGIN PASSWORD %L', :'potto_api')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'potto_api')
\gexec
-- The role that writes facts (migrations/012_row_policies.sql). It cannot log in; potto_api becomes it only by SET
-- ROLE.
SELECT 'CREATE ROLE potto_ingest NOLOGIN BYPASSRLS'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'potto_ingest')
\gexec
ALTER ROLE potto_api NOINHERIT;
SELECT 'GRANT potto_ingest TO potto_api' WHERE NOT pg_has_role('potto_api', 'potto_ingest', 'MEMBER')
\gexec
SELECT 'CREATE DATABASE potto OWNER potto' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'potto')
\gexec
\connect potto
REVOKE ALL ON DATABASE potto FROM PUBLIC;
GRANT CONNECT ON DATABASE potto TO potto_api;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO potto;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
