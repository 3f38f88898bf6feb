-- The store's time. Data is removed by this clock, not by the clock of the collector that removes it.
-- returns: clock_timestamp timestamptz
SELECT clock_timestamp()
