-- Versions already applied, ascending.
SELECT version::int FROM schema_migrations ORDER BY version
