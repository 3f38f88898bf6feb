-- The store's time. What is taken away by its age goes by this clock, not by that of whichever collector does it.
-- returns: clock_timestamp timestamptz
SELECT clock_timestamp()
