-- To the end of the transaction: who writes facts (migrations/009_row_security.sql).
SET LOCAL ROLE potto_ingest
