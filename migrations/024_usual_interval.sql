-- interval_minutes was not asked for: it is the usual one, and connections with an interval of their own keep theirs.
ALTER TABLE collector_schedules ADD COLUMN is_usual_interval boolean NOT NULL DEFAULT false;

-- Potto's collector reads PostgreSQL and MySQL. Data of the other engines comes from agents, and monitoring, which
-- would only fail, is off.
UPDATE database_connections SET monitoring_enabled = false
WHERE engine::text NOT IN ('postgresql', 'mysql') AND monitoring_enabled;
