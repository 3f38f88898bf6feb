-- The agent of the scope says that it is there (a privileged function). $1 host, $2 version, $3 how many
-- agents the connection may have. wait_s above 0: it says something new too often. Otherwise no id: there are $3.
-- returns: collector_id bigint, is_new boolean, wait_s float8
SELECT collector_id, is_new, wait_s FROM collector_register($1::text, $2::text, $3::bigint)
