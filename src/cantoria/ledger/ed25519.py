"""Ed25519 (RFC 8032): a signer from a seed, and `verify`; pure computation, done by libsodium.

libsodium refuses non-canonical S, small-order keys and small-order R, so no second signature can be made out of one.
RFC 8032 leaves open whether both sides of the equation are multiplied by the cofactor, and versions of libsodium differ
in it. A signer can make signatures on which the two ways disagree; nodes that did would part. Here they are compared
as they stand, by every version (spec/verify.md section 2).
"""

from __future__ import annotations

import hashlib
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from cantoria.kernel.errors import InputError

PUBLIC_KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
KEY_ID_BYTES: Final = 8


class Signer(Protocol):
    """Holds one Ed25519 private key: here, in a key file, or in a key service."""

    @property
    def public_key(self) -> bytes:
        """The 32-byte public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over `message`."""
        ...


class Verifier(Protocol):
    """The shape of `verify`, so that an engine can bring a faster one."""

    def __call__(self, public_key: bytes, message: bytes, *, signature: bytes) -> bool: ...


class Ed25519Signer:
    """A signer from a 32-byte seed kept in memory."""

    __slots__ = ("_private_key", "_public_key")

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise InputError(f"an Ed25519 seed has 32 bytes, not {len(seed)}")
        self._public_key, self._private_key = crypto_sign_seed_keypair(seed)

    @property
    def public_key(self) -> bytes:
        """The 32-byte public key."""
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over `message`."""
        return crypto_sign(message, self._private_key)[:SIGNATURE_BYTES]


def verify(public_key: bytes, message: bytes, *, signature: bytes) -> bool:
    """Tell whether `signature` (64 bytes) over `message` was made by `public_key` (32 bytes)."""
    if len(public_key) != PUBLIC_KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        crypto_sign_open(signature + message, public_key)
    except BadSignatureError:
        return False
    return _COMPARES or _compared(public_key, message, signature)


def key_id(public_key: bytes) -> bytes:
    """Return the 8 bytes by which envelopes and headers name a public key: SHA-256(public key)[:8]."""
    return hashlib.sha256(public_key).digest()[:KEY_ID_BYTES]


def _compared(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether OpenSSL, which multiplies nothing by the cofactor, takes the signature too."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


# A key, and a signature over nothing whose R has a part of order 8: right only once that part is multiplied away.
_PROBE_KEY: Final = bytes.fromhex("edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df")
_PROBE: Final = bytes.fromhex(
    "e9b2fe981587efae6478f48ba1fa60cec6126d0e26dde72a0a24f640dcd783e5"
    "67c8ca218b81564094684342f5cfce50c9e4e99b83742dcf0b20b4a363bee106"
)


def _compares() -> bool:
    try:
        crypto_sign_open(_PROBE, _PROBE_KEY)
    except BadSignatureError:
        return True
    return False


_COMPARES: Final = _compares()
"""Whether the libsodium at hand compares the two sides as they stand."""
