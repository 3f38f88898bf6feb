-- The first of these columns of a predecessor's row that has a value, without blanks and control characters at its
-- ends; NULL: none has one.
CREATE OR REPLACE FUNCTION legacy_value(item jsonb, VARIADIC columns text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT value
    FROM unnest(columns) WITH ORDINALITY AS candidate (name, place)
    CROSS JOIN LATERAL nullif(btrim(regexp_replace(item ->> candidate.name, '[[:cntrl:]]', ' ', 'g')), '') AS value
    WHERE value IS NOT NULL
    ORDER BY place
    LIMIT 1
$$;
