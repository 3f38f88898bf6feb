"""Sealed values of the store, made and opened apart from Potto (lib/crypto/seal.h)."""

import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

COLUMNS = {"password": "password_ciphertext", "agent_token": "agent_token_ciphertext"}


def keys_of(setting):
    """Key id -> key, of a value of ENCRYPTION_KEY."""
    keys = [bytes.fromhex(entry.split("@")[0].split(":")[-1]) for entry in setting.split(",")]
    return {hashlib.sha256(key).digest()[:4]: key for key in keys}


def place(organization_id, connection_id, column):
    return f"database_connections/{organization_id}/{connection_id}/{column}".encode()


def _seal(version, key, plain, where):
    header = bytes([version]) + hashlib.sha256(key).digest()[:4]
    nonce = os.urandom(12)
    return header + nonce + AESGCM(key).encrypt(nonce, plain.encode(), header + where)


def seal_old(key, plain):
    """As Potto sealed before values had a place: version 1."""
    return _seal(1, key, plain, b"")


def seal(key, plain, where):
    return _seal(2, key, plain, where)


def open_sealed(keys, value, where):
    """The plain text; an exception of the library if the value does not open there."""
    value = bytes(value)
    assert value[0] == 2
    return AESGCM(keys[value[1:5]]).decrypt(value[5:17], value[17:], value[:5] + where).decode()
