-- returns: is_shared boolean
SELECT store_is_shared() AS is_shared
