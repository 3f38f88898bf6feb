-- One registration of a host at a time, until the transaction ends: there is no unique index on hosts.
SELECT pg_advisory_xact_lock(hashtextextended('collector ' || $1::bigint || ' ' || $2::text, 0))::text
