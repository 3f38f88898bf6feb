-- Row policies of a table whose rows different people may see, insert, update and delete; one condition each. NULL:
-- nobody may. Migrations call this: its parameters stay as they are.
CREATE OR REPLACE FUNCTION potto_walls(walled regclass, api_may text, sees text, inserts text, changes text, removes text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM potto_wall(walled, api_may, sees);
    EXECUTE format('DROP POLICY wall ON %s', walled);
    EXECUTE format('DROP POLICY IF EXISTS wall_select ON %1$s; DROP POLICY IF EXISTS wall_insert ON %1$s;'
                   'DROP POLICY IF EXISTS wall_update ON %1$s; DROP POLICY IF EXISTS wall_delete ON %1$s', walled);
    EXECUTE format('CREATE POLICY wall_select ON %s FOR SELECT USING (%s)', walled, sees);
    EXECUTE format('CREATE POLICY wall_insert ON %s FOR INSERT WITH CHECK (%s)', walled, coalesce(inserts, 'false'));
    EXECUTE format('CREATE POLICY wall_update ON %s FOR UPDATE USING (%s)', walled, coalesce(changes, 'false'));
    EXECUTE format('CREATE POLICY wall_delete ON %s FOR DELETE USING (%s)', walled, coalesce(removes, 'false'));
END $$;
