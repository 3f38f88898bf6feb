-- The new id of each row of a predecessor's table legacy_<name>, in the temporary table legacy_ids: its own id if that
-- is a whole number, else one of the sequence.
CREATE OR REPLACE FUNCTION legacy_ids_make(name text) RETURNS void LANGUAGE plpgsql SET search_path = pg_temp, public
AS $$
DECLARE
    sequence_name CONSTANT text := pg_get_serial_sequence('public.' || name, 'id');
BEGIN
    INSERT INTO legacy_ids (name, old_id, id)
    SELECT legacy_ids_make.name, item ->> 'id',
           CASE WHEN item ->> 'id' ~ '^[1-9][0-9]{0,14}$' THEN (item ->> 'id')::bigint END
    FROM legacy_rows('legacy_' || legacy_ids_make.name) AS item WHERE item ->> 'id' IS NOT NULL
    ON CONFLICT DO NOTHING;
    PERFORM setval(sequence_name, max(known.id)) FROM legacy_ids AS known
    WHERE known.name = legacy_ids_make.name HAVING max(known.id) IS NOT NULL;
    UPDATE legacy_ids AS known SET id = fresh.id
    FROM (SELECT old_id, nextval(sequence_name) AS id
          FROM (SELECT old_id FROM legacy_ids WHERE legacy_ids.name = legacy_ids_make.name AND legacy_ids.id IS NULL
                ORDER BY old_id COLLATE "C") AS missing) AS fresh
    WHERE known.name = legacy_ids_make.name AND known.old_id = fresh.old_id;
END $$;
