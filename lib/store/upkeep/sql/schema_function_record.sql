-- Note that $1 was loaded from the file with the SHA-256 $2. Empty: it is to be loaded once more.
INSERT INTO schema_functions AS known (name, checksum) VALUES ($1::text, $2::bytea)
ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, loaded_at = now()
