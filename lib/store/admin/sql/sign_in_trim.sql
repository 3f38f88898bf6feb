-- A few counters and networks that no longer count (a privileged function).
SELECT FROM sign_in_trim()
