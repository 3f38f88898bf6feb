-- The widths of segments in seconds, and the resolution of the rollups that each is made of.
CREATE OR REPLACE FUNCTION segment_widths() RETURNS TABLE (width_s bigint, resolution_s int)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    VALUES (300::bigint, 300), (900, 300), (3600, 3600), (7200, 3600), (14400, 3600), (28800, 3600), (86400, 86400),
           (172800, 86400), (345600, 86400), (691200, 86400), (1382400, 86400), (2764800, 86400)
$$;
