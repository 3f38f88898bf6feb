-- A sealed value is bound to its place (lib/crypto/seal.h, version 2). `potto migrate` has sealed again what was there
-- before. A program of before cannot store a value that programs of today would not open.
ALTER TABLE database_connections ADD CONSTRAINT database_connections_sealed_places
    CHECK (substring(password_ciphertext FROM 1 FOR 1) = '\x02'
           AND substring(agent_token_ciphertext FROM 1 FOR 1) = '\x02');
