-- How long to wait after a failure that is `over` beyond the free ones: 1, 2, 4, … up to wait_max_s seconds.
CREATE OR REPLACE FUNCTION sign_in_wait_s(over int, wait_max_s int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN over <= 0 THEN 0 ELSE least(power(2, least(over - 1, 20))::int, wait_max_s) END
$$;
