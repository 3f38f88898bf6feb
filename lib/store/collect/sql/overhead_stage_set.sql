-- From now on a connection is in stage $3 of holding back; 0: nothing is held back.
UPDATE connection_overhead
SET stage = $3::int, held_back_since = CASE WHEN $3 = 0 THEN NULL ELSE coalesce(held_back_since, now()) END
WHERE organization_id = $1::bigint AND database_connection_id = $2::bigint
