"""Signing keys of the sample's people and companies, derived from entropy that whoever builds the world gives."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.ledger.ed25519 import Ed25519Signer

ENTROPY_BYTES: Final = 32
_DOMAIN: Final = b"cantoria/sample/account/v1\x00"


def seed_of(party: str, *, entropy: bytes) -> bytes:
    """Return the Ed25519 seed of a party's account, by its local key; `entropy` has 32 bytes and stays secret."""
    if len(entropy) != ENTROPY_BYTES:
        raise InputError(f"entropy of {len(entropy)} bytes", f"give {ENTROPY_BYTES} unpredictable bytes")
    return sha256(_DOMAIN + entropy + party.encode()).digest()


def public_key_of(party: str, *, entropy: bytes) -> str:
    """Return the public key (hex) of a party's account."""
    return Ed25519Signer(seed_of(party, entropy=entropy)).public_key.hex()
