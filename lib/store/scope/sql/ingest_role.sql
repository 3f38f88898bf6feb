-- To the end of the transaction: who writes facts (migrations/012_row_policies.sql).
SET LOCAL ROLE potto_ingest
