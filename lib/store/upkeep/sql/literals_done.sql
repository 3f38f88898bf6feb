-- Connection $2 was purged completely, by a pass that began at $3. If that was more than ten minutes after the switch,
-- no process writes by the old setting any more, and the purge ends.
UPDATE database_connections
SET literals_purged_at = now(),
    literals_purge_since = CASE WHEN $3::timestamptz > literals_purge_since + interval '10 minutes' THEN NULL
                                ELSE literals_purge_since END
WHERE organization_id = $1::bigint AND id = $2::bigint
