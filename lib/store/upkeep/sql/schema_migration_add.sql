-- $1 version, $2 name, $3 SHA-256 of the file.
INSERT INTO schema_migrations (version, name, checksum) VALUES ($1::int, $2::text, $3::bytea)
