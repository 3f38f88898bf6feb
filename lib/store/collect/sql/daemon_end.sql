UPDATE collectors SET status = 'offline', detail = detail - 'process' WHERE id = $1::bigint
