-- Note that $1 was loaded from the file with the SHA-256 $2, and that its definition has the SHA-256 $3. $2 empty: it
-- is to be loaded once more.
INSERT INTO schema_functions AS known (name, checksum, definition) VALUES ($1::text, $2::bytea, $3::bytea)
ON CONFLICT (name) DO UPDATE SET checksum = excluded.checksum, definition = excluded.definition, loaded_at = now()
