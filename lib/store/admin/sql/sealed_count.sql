-- How many values each key has sealed.
-- returns: key_id text, value_count bigint
SELECT encode(substring(sealed.value FROM 2 FOR 4), 'hex') AS key_id, count(*) AS value_count
FROM (SELECT password_ciphertext AS value FROM database_connections
      UNION ALL SELECT agent_token_ciphertext FROM database_connections) AS sealed
WHERE sealed.value IS NOT NULL
GROUP BY key_id
ORDER BY key_id
