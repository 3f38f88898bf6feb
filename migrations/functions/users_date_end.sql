-- Dates an end of sessions by the store's clock. A trigger before the update runs after it has waited for the row; the
-- statement itself may have read the clock before.
CREATE OR REPLACE FUNCTION users_date_end() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    new.tokens_valid_after := greatest(clock_timestamp(), old.tokens_valid_after + interval '1 microsecond');
    RETURN new;
END $$;
