"""Secrets that a visitor carries: long random texts, of which only the SHA-256 is kept."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

KEY_PREFIX: Final = "cantoria"
_KEY: Final = re.compile(rf"{KEY_PREFIX}_([0-9a-f]{{16}})_([0-9a-f]{{64}})")


def new_token() -> str:
    """Return 256 random bits as 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def new_id(prefix: str) -> str:
    """Return an id with 96 random bits, such as `acct_…`."""
    return f"{prefix}_{secrets.token_hex(12)}"


def hashed(token: str) -> bytes:
    """Return what is kept of a token; a token has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(b"cantoria/access/" + token.encode("utf-8", "replace")).digest()


def new_key() -> tuple[str, str]:
    """Return the id of a fresh API key, and the key: `cantoria_<id>_<secret>`."""
    name = secrets.token_hex(8)
    return name, f"{KEY_PREFIX}_{name}_{secrets.token_hex(32)}"


def key_name(key: str) -> str:
    """Return the id in an API key, or nothing where the text has not that form."""
    found = _KEY.fullmatch(key)
    return found[1] if found else ""
