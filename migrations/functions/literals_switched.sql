-- When keep_literals is switched: from now on potto-collector removes stored literals, or no longer does.
CREATE OR REPLACE FUNCTION literals_switched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.literals_purge_since := CASE WHEN NEW.keep_literals THEN NULL ELSE clock_timestamp() END;
    NEW.literals_purged_at := NULL;
    RETURN NEW;
END $$;
