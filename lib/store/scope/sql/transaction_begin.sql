-- Begins a transaction; sent in one round trip with its first statements.
BEGIN
