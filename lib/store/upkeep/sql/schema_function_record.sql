-- Records that $1 was loaded from a file with the SHA-256 $2.
INSERT INTO schema_functions AS known (name, checksum) VALUES ($1::text, $2::bytea)
ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, loaded_at = now()
