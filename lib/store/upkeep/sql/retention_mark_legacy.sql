-- Records that the predecessors' samples before $1 may be deleted from now on: older rollups cannot be made from them
-- any more.
INSERT INTO retention_marks AS known (name, until) VALUES ('legacy', $1::timestamptz)
ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE known.until < excluded.until
