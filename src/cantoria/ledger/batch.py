"""Signed batches: one organisation's signature over up to 1,000 envelopes, and the builder that seals them.

The header stands in the log just before its envelopes, 135 bytes:

    0   u8    0x02
    1   16    organisation id
    17  8     signing-key id
    25  u32   count of envelopes
    29  32    batch root: RFC 6962 root over the envelopes
    61  u16   schema version (1)
    63  u64   claimed time, UTC microseconds
    71  64    Ed25519 signature

The signature covers "cantoria/batch/v1" ‖ 0x00 ‖ SHA-256(log origin) ‖ the first 71 bytes, so a batch signed for one
log is worth nothing in another.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, FactType
from cantoria.ledger import ed25519, envelope, merkle

KIND_BATCH: Final = 0x02
HEADER_BYTES: Final = 135
SIGNED_BYTES: Final = 71
BATCH_MAX: Final = 1000
SCHEMA: Final = 1
_LAYOUT: Final = struct.Struct(">B16s8sI32sHQ64s")
_UNSIGNED: Final = struct.Struct(">B16s8sI32sHQ")
_DOMAIN: Final = b"cantoria/batch/v1\x00"

Entropy = Callable[[int], bytes]
"""`entropy(n)` returns n fresh bytes from a cryptographic generator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The fields of a batch header; `claimed_at` is UTC microseconds."""

    organisation: bytes
    key_id: bytes
    count: int
    root: bytes
    schema: int
    claimed_at: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """A signed header, its envelopes, and (beside the log) one salt and one body for each, or none at all.

    `attestations` stand in the log before the header, in the order of `attestation.in_order`.
    """

    header: bytes
    envelopes: tuple[bytes, ...]
    salts: tuple[bytes, ...] = ()
    bodies: tuple[bytes, ...] = ()
    attestations: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact on its way into a batch.

    `body` is canonical JSON, `subjects` what the fact is about, `claimed_at` UTC microseconds, `fact_id` and
    `supersedes` 16 bytes (an empty fact id is drawn when the batch is sealed).
    """

    type: FactType
    body: bytes
    subjects: tuple[str, ...]
    capacity: Capacity
    claimed_at: int
    supersedes: bytes = envelope.NO_FACT
    fact_id: bytes = b""


@dataclass(frozen=True, slots=True)
class Author:
    """An organisation recording in one log: its 16-byte id, its signing key, and the log's origin."""

    organisation: bytes
    signer: ed25519.Signer
    origin: str


class FactIds:
    """Draws UUIDv7 fact ids that only rise (RFC 9562 section 6.2, method 1): one drawer per author, one thread."""

    __slots__ = ("_entropy", "_last")

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._last = -1

    def take(self, count: int, *, moment: int) -> list[bytes]:
        """Return `count` ids for `moment` (UTC microseconds), above all drawn before."""
        first = max(self._last + 1, moment // 1000 << 12)
        self._last = first + count - 1
        tails = struct.unpack(f">{count}Q", self._entropy(8 * count))
        pack = _TWO_WORDS.pack
        return [
            pack(tick >> 12 << 16 | 0x7000 | tick & 0xFFF, tail >> 2 | _VARIANT)
            for tick, tail in zip(range(first, first + count), tails, strict=True)
        ]


_TWO_WORDS: Final = struct.Struct(">QQ")
_VARIANT: Final = 1 << 63


def seal(drafts: Sequence[Draft], author: Author, *, ids: FactIds, entropy: Entropy, claimed_at: int) -> Batch:
    """Return the drafts as one signed batch with fresh salts; 1 to 1,000 drafts, else `InputError`."""
    if not 1 <= len(drafts) <= BATCH_MAX:
        raise InputError(f"a batch has 1 to {BATCH_MAX} facts, not {len(drafts)}", "split it")
    count = len(drafts)
    drawn = ids.take(count, moment=claimed_at)
    noise = entropy(envelope.SALT_BYTES * count)
    salts = tuple([noise[at : at + 32] for at in range(0, len(noise), 32)])
    key_id = ed25519.key_id(author.signer.public_key)
    envelopes = _envelopes(drafts, (author.organisation, key_id), ids=drawn, salts=salts)
    header = sign_header(envelopes, author, claimed_at=claimed_at)
    return Batch(header, envelopes, salts, tuple([draft.body for draft in drafts]))


def _envelopes(
    drafts: Sequence[Draft], who: tuple[bytes, bytes], *, ids: Sequence[bytes], salts: Sequence[bytes]
) -> tuple[bytes, ...]:
    organisation, key_id = who
    pack = envelope.LAYOUT.pack
    body_prefix, scope_prefix = envelope.body_prefix, envelope.scope_prefix
    packed = []
    for draft, drawn, salt in zip(drafts, ids, salts, strict=True):
        tag, name = draft.type.tag, draft.type.name
        scope = sha256(scope_prefix(tag, name) + salt + scope_bytes(draft.subjects)).digest()
        body = sha256(body_prefix(tag, name) + salt + draft.body).digest()
        fact_id = draft.fact_id or drawn
        packed.append(
            pack(
                envelope.KIND_ENVELOPE,
                tag,
                fact_id,
                organisation,
                draft.capacity,
                key_id,
                scope,
                body,
                draft.claimed_at,
                draft.supersedes,
            )
        )
    return tuple(packed)


def scope_bytes(subjects: Sequence[str]) -> bytes:
    """Return the canonical JSON list of the distinct subjects in code point order."""
    ordered = sorted(set(subjects))
    text = '","'.join(ordered)
    joined = "".join(ordered)
    if ordered and joined.isascii() and joined.isprintable() and '"' not in joined and "\\" not in joined:
        return f'["{text}"]'.encode("ascii")
    return canonical.encode(ordered)


def sign_header(envelopes: Sequence[bytes], author: Author, *, claimed_at: int) -> bytes:
    """Return the signed header over these envelopes."""
    root = merkle.root_of(merkle.leaf_hashes(envelopes))
    key_id = ed25519.key_id(author.signer.public_key)
    unsigned = _UNSIGNED.pack(KIND_BATCH, author.organisation, key_id, len(envelopes), root, SCHEMA, claimed_at)
    return unsigned + author.signer.sign(signed_bytes(unsigned, author.origin))


def signed_bytes(header: bytes, origin: str) -> bytes:
    """Return what the organisation signs: domain ‖ 00 ‖ SHA-256(origin) ‖ the first 71 bytes of the header."""
    return _DOMAIN + sha256(origin.encode()).digest() + header[:SIGNED_BYTES]


def unpack_header(data: bytes) -> Header:
    """Return the fields of 135 header bytes, or raise `InputError`."""
    if len(data) != HEADER_BYTES or data[0] != KIND_BATCH:
        raise InputError("this entry is not a batch header", "it has 135 bytes and begins with 02")
    fields = _LAYOUT.unpack(data)
    return Header(
        organisation=fields[1],
        key_id=fields[2],
        count=fields[3],
        root=fields[4],
        schema=fields[5],
        claimed_at=fields[6],
        signature=fields[7],
    )
