-- $1: names of the runs that go on.
UPDATE connection_collection SET lease_until = now() + make_interval(secs => $2::int)
WHERE lease_owner = ANY ($1::text[])
