-- Makes potto_ingest, which may write facts, the role of the rest of the transaction (migrations/012_row_policies.sql).
SET LOCAL ROLE potto_ingest
