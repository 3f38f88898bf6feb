-- Seconds since the oldest fact was stored that is not rolled up yet.
SELECT rollup_lag_s()
