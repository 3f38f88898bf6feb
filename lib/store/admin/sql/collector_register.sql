-- The agent of the scope says that it is there (a privileged function). $1 host, $2 version.
-- returns: collector_id bigint, is_new boolean
SELECT collector_id, is_new FROM collector_register($1::text, $2::text)
