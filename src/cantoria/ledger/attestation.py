"""Attestations: another organisation stands behind a batch, or says that it holds what the batch commits to.

An attestation stands in the log directly before the header of the batch it speaks of, 130 bytes:

    0   u8    0x04
    1   u8    purpose: 1 endorsement, 2 holding
    2   16    organisation id
    18  8     signing-key id
    26  32    subject: RFC 6962 leaf hash of the batch header
    58  u64   claimed time, UTC microseconds
    66  64    Ed25519 signature

The signature covers "cantoria/attestation/v1" ‖ 0x00 ‖ SHA-256(log origin) ‖ the first 66 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.ledger import ed25519, merkle
from cantoria.ledger.batch import Author

KIND_ATTESTATION: Final = 0x04
ATTESTATION_BYTES: Final = 130
ATTESTATIONS_MAX: Final = 64
_SIGNED_BYTES: Final = 66
_UNSIGNED: Final = struct.Struct(">BB16s8s32sQ")
_DOMAIN: Final = b"cantoria/attestation/v1\x00"


class Purpose(IntEnum):
    """What an attestation says of a batch. Numbers are never reused."""

    ENDORSEMENT = 1
    HOLDING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """The fields of an attestation; `subject` is the leaf hash of a batch header, `claimed_at` UTC microseconds."""

    purpose: Purpose
    organisation: bytes
    key_id: bytes
    subject: bytes
    claimed_at: int
    signature: bytes


_PURPOSES: Final = frozenset(map(int, Purpose))


def attest(header: bytes, author: Author, *, purpose: Purpose, claimed_at: int) -> bytes:
    """Return the 130 bytes by which `author` endorses, or says it holds, the batch with this `header`."""
    key_id = ed25519.key_id(author.signer.public_key)
    subject = merkle.leaf_hash(header)
    unsigned = _UNSIGNED.pack(KIND_ATTESTATION, purpose, author.organisation, key_id, subject, claimed_at)
    return unsigned + author.signer.sign(signed_bytes(unsigned, author.origin))


def signed_bytes(attestation: bytes, origin: str) -> bytes:
    """Return what is signed: domain ‖ 00 ‖ SHA-256(origin) ‖ the first 66 bytes."""
    return _DOMAIN + sha256(origin.encode()).digest() + attestation[:_SIGNED_BYTES]


def unpack_attestation(data: bytes) -> Attestation:
    """Return the fields of 130 attestation bytes, or raise `InputError`."""
    if len(data) != ATTESTATION_BYTES or data[0] != KIND_ATTESTATION or data[1] not in _PURPOSES:
        raise InputError("this entry is not an attestation", "it has 130 bytes and begins with 04 01 or 04 02")
    _, purpose, organisation, key_id, subject, claimed_at = _UNSIGNED.unpack(data[:_SIGNED_BYTES])
    return Attestation(
        purpose=Purpose(purpose),
        organisation=organisation,
        key_id=key_id,
        subject=subject,
        claimed_at=claimed_at,
        signature=data[_SIGNED_BYTES:],
    )


def well_formed(attestations: Sequence[bytes]) -> bool:
    """Tell whether these are at most 64 attestations in their one order: by purpose, then organisation, none twice."""
    if len(attestations) > ATTESTATIONS_MAX:
        return False
    if any(len(one) != ATTESTATION_BYTES or one[0] != KIND_ATTESTATION for one in attestations):
        return False
    who = [one[1:18] for one in attestations]
    return all(one[0] in _PURPOSES for one in who) and who == sorted(set(who))


def in_order(attestations: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the attestations in the order in which they stand in the log, the first of each organisation's kept."""
    first: dict[bytes, bytes] = {}
    for one in attestations:
        first.setdefault(one[1:18], one)
    return tuple(first[who] for who in sorted(first))


def verify(attestation: bytes, public_key: bytes, *, origin: str, check: ed25519.Verifier = ed25519.verify) -> bool:
    """Tell whether `public_key` (32 bytes) signed this attestation for the log `origin`."""
    return check(public_key, signed_bytes(attestation, origin), signature=attestation[_SIGNED_BYTES:])
