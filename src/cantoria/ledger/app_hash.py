"""One hash over all that a replica of the log has decided: what the members of a chain agree on after each block."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

_DOMAIN: Final = b"cantoria/app/v1\x00"


def app_hash(root: bytes, *, size: int, state: bytes) -> bytes:
    """Return SHA-256("cantoria/app/v1" ‖ 00 ‖ log root ‖ u64 size ‖ `State.digest()`)."""
    return sha256(_DOMAIN + root + size.to_bytes(8, "big") + state).digest()
