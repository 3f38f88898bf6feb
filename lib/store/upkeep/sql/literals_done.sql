-- All of connection $2 was looked through, from $3 on. Ten minutes after the switch nobody writes by the old setting any more.
UPDATE database_connections
SET literals_purged_at = now(),
    literals_purge_since = CASE WHEN $3::timestamptz > literals_purge_since + interval '10 minutes' THEN NULL
                                ELSE literals_purge_since END
WHERE organization_id = $1::bigint AND id = $2::bigint
