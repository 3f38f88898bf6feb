-- A few counters and networks that no longer count: a door.
SELECT FROM sign_in_trim()
