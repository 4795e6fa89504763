"""Secrets at rest: AES-256-GCM, the key id in the value, several keys for rotation, loud on a wrong key.

A value is `hub1:<key id>:<nonce+ciphertext, base64>`, bound to its column by associated data, so a ciphertext moved
to another column does not open. Keys come from the setting HUB_SECRET_KEYS (first one encrypts).
"""

from __future__ import annotations

import base64
import hashlib
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

PREFIX = "hub1"
MASK = "••••••••"


class SecretError(RuntimeError):
    """A stored secret cannot be opened with any configured key."""


def _key_id(key: str) -> str:
    return hashlib.sha256(b"hub-key-id:" + key.encode()).hexdigest()[:8]


@lru_cache(maxsize=16)
def _cipher(key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"hub-secret:" + key.encode()).digest())


def _keys() -> dict[str, str]:
    return {_key_id(key): key for key in settings.HUB_SECRET_KEYS}


def encrypt(plain: str, column: str) -> str:
    """Encrypt text for one column with the first configured key."""
    key = settings.HUB_SECRET_KEYS[0]
    nonce = os.urandom(12)
    sealed = _cipher(key).encrypt(nonce, plain.encode(), column.encode())
    return f"{PREFIX}:{_key_id(key)}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, column: str) -> str:
    """Open a stored value; raises SecretError on a wrong key, a moved or a damaged value."""
    prefix, _, rest = stored.partition(":")
    key_id, _, body = rest.partition(":")
    if prefix != PREFIX:
        raise SecretError(f"The stored value of {column} is not an encrypted secret.")
    key = _keys().get(key_id)
    if key is None:
        raise SecretError(
            f"The secret in {column} was encrypted with key {key_id}, which is not in HUB_SECRET_KEYS. "
            "Add that key back (after the current one), or enter the secret again."
        )
    raw = base64.b64decode(body)
    try:
        return _cipher(key).decrypt(raw[:12], raw[12:], column.encode()).decode()
    except InvalidTag as error:
        raise SecretError(f"The secret in {column} does not open: it was moved or damaged.") from error


class SecretField(models.TextField):  # type: ignore[type-arg]
    """A text column that is encrypted at rest. Reads give the plain text; the admin must use `SecretInput`."""

    def _column(self) -> str:
        return f"{self.model._meta.db_table}.{self.attname}"

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way to the database; empty stays empty."""
        return encrypt(str(value), self._column()) if value else ""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str:
        """Decrypt on the way out."""
        return decrypt(value, self._column()) if value else ""


def mask(secret: str) -> str:
    """What may be shown of a secret: nothing but that it is set."""
    return MASK if secret else ""
