"""The envelope of a fact: 132 bytes that commit to its body and scope without telling them (RULES section 8).

    0   u8      0x01
    1   u16     fact type tag
    3   16      fact id (UUIDv7)
    19  16      organisation id (UUID)
    35  u8      capacity
    36  8       signing-key id
    44  32      scope commitment
    76  32      body commitment
    108 u64     claimed time, UTC microseconds
    116 16      superseded fact id, zeros = none

All numbers are big-endian. Commitments are SHA-256 over domain ‖ 0x00 ‖ type ‖ 32-byte salt ‖ content, where `type`
is the u16 tag, the length of the type's name (u8) and the name: a proof can state the kind without a table.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import FactType

KIND_ENVELOPE: Final = 0x01
ENVELOPE_BYTES: Final = 132
ID_BYTES: Final = 16
SALT_BYTES: Final = 32
NO_FACT: Final = bytes(ID_BYTES)
BODY_BYTES_MAX: Final = 1_048_576
LAYOUT: Final = struct.Struct(">BH16s16sB8s32s32sQ16s")
_BODY_DOMAIN: Final = b"cantoria/body/v1\x00"
_SCOPE_DOMAIN: Final = b"cantoria/scope/v1\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The fields of an envelope; ids and commitments are bytes, `claimed_at` is UTC microseconds."""

    type_tag: int
    fact_id: bytes
    organisation: bytes
    capacity: int
    key_id: bytes
    scope_commitment: bytes
    body_commitment: bytes
    claimed_at: int
    supersedes: bytes = NO_FACT

    def pack(self) -> bytes:
        """Return the 132 bytes; a field of the wrong length or range is an `InputError`."""
        lengths = (self.fact_id, 16), (self.organisation, 16), (self.key_id, 8), (self.supersedes, 16)
        hashes = (self.scope_commitment, 32), (self.body_commitment, 32)
        if any(len(field) != length for field, length in (*lengths, *hashes)):
            raise InputError("an envelope field has a wrong length", "see the layout in spec/envelope.md")
        try:
            return LAYOUT.pack(
                KIND_ENVELOPE,
                self.type_tag,
                self.fact_id,
                self.organisation,
                self.capacity,
                self.key_id,
                self.scope_commitment,
                self.body_commitment,
                self.claimed_at,
                self.supersedes,
            )
        except struct.error as error:
            raise InputError(f"an envelope field is out of range: {error}", "see spec/envelope.md") from error


FACT_ID: Final = slice(3, 19)  # where the fact id stands in the 132 bytes


def unpack(data: bytes) -> Envelope:
    """Return the fields of 132 envelope bytes, or raise `InputError`."""
    if len(data) != ENVELOPE_BYTES or data[0] != KIND_ENVELOPE:
        raise InputError("this entry is not a fact envelope of version 1", "it has 132 bytes and begins with 01")
    fields = LAYOUT.unpack(data)
    return Envelope(
        type_tag=fields[1],
        fact_id=fields[2],
        organisation=fields[3],
        capacity=fields[4],
        key_id=fields[5],
        scope_commitment=fields[6],
        body_commitment=fields[7],
        claimed_at=fields[8],
        supersedes=fields[9],
    )


def body_commitment(fact_type: FactType, salt: bytes, *, body: bytes) -> bytes:
    """Return SHA-256("cantoria/body/v1" ‖ 00 ‖ type ‖ salt ‖ canonical body)."""
    return sha256(body_prefix(fact_type.tag, fact_type.name) + salt + body).digest()


def scope_commitment(fact_type: FactType, salt: bytes, *, subjects: Iterable[str]) -> bytes:
    """Return SHA-256("cantoria/scope/v1" ‖ 00 ‖ type ‖ salt ‖ canonical JSON list of the distinct subjects, sorted)."""
    content = canonical.encode(sorted(set(subjects)))
    return sha256(scope_prefix(fact_type.tag, fact_type.name) + salt + content).digest()


@lru_cache(maxsize=4096)
def body_prefix(tag: int, name: str) -> bytes:
    """Return the bytes before the salt in a body commitment."""
    return _BODY_DOMAIN + _type_bytes(tag, name)


@lru_cache(maxsize=4096)
def scope_prefix(tag: int, name: str) -> bytes:
    """Return the bytes before the salt in a scope commitment."""
    return _SCOPE_DOMAIN + _type_bytes(tag, name)


def _type_bytes(tag: int, name: str) -> bytes:
    encoded = name.encode()
    if not 0 <= tag <= 0xFFFF or not 1 <= len(encoded) <= 255:
        raise InputError(f"fact type {tag} {name!r} does not fit: tag 0-65535, name 1-255 bytes")
    return tag.to_bytes(2, "big") + bytes([len(encoded)]) + encoded


def fact_id_text(fact_id: bytes) -> str:
    """Write a fact id as UUID text (RFC 9562 section 4)."""
    text = fact_id.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def parse_fact_id(text: str) -> bytes:
    """Return the 16 bytes of UUID text in its one lower-case spelling, or raise `InputError`."""
    try:
        data = bytes.fromhex(text.replace("-", ""))
    except ValueError as error:
        raise InputError(f"{text!r} is not a fact id", "it is a UUID in lower case") from error
    if len(data) != ID_BYTES or fact_id_text(data) != text:
        raise InputError(f"{text!r} is not a fact id", "it is a UUID in lower case")
    return data
