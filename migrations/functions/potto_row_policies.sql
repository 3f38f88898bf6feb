-- Row policies of a table whose rows different people may see, insert, update and delete; one condition each. NULL:
-- nobody may. Migrations call this: its parameters stay as they are.
CREATE OR REPLACE FUNCTION potto_row_policies(target regclass, api_privileges text, sees text, inserts text,
                                              changes text, removes text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM potto_row_policy(target, api_privileges, sees);
    EXECUTE format('DROP POLICY row_policy ON %s', target);
    EXECUTE format('DROP POLICY IF EXISTS row_policy_select ON %1$s; DROP POLICY IF EXISTS row_policy_insert ON %1$s;'
                   'DROP POLICY IF EXISTS row_policy_update ON %1$s; DROP POLICY IF EXISTS row_policy_delete ON %1$s',
                   target);
    EXECUTE format('CREATE POLICY row_policy_select ON %s FOR SELECT USING (%s)', target, sees);
    EXECUTE format('CREATE POLICY row_policy_insert ON %s FOR INSERT WITH CHECK (%s)', target,
                   coalesce(inserts, 'false'));
    EXECUTE format('CREATE POLICY row_policy_update ON %s FOR UPDATE USING (%s)', target, coalesce(changes, 'false'));
    EXECUTE format('CREATE POLICY row_policy_delete ON %s FOR DELETE USING (%s)', target, coalesce(removes, 'false'));
END $$;
