"""The bytes that CometBFT hashes and signs: block headers, validator sets, precommits (v0.38).

Written out rather than generated, so that an offline verifier needs no protocol buffers. A message is its fields in
order, zero values left out, embedded messages that Go holds by value always there (CometBFT `spec/core/encoding.md`,
`types/block.go`, `types/canonical.go`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cantoria.ledger.merkle import leaf_hashes, root_of

ADDRESS_BYTES: Final = 20
_PRECOMMIT: Final = 2
_VARINT, _FIXED64, _BYTES = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Seconds since 1970, UTC, and nanoseconds beyond them."""

    seconds: int
    nanos: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockId:
    """A block by the hash of its header, and by the parts it was sent in. The first block's predecessor is empty."""

    hash: bytes
    parts_total: int
    parts_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A block's header. `app_hash` is the application's after the block before."""

    version_block: int
    version_app: int
    chain_id: str
    height: int
    time: Time
    last_block_id: BlockId
    last_commit_hash: bytes
    data_hash: bytes
    validators_hash: bytes
    next_validators_hash: bytes
    consensus_hash: bytes
    app_hash: bytes
    last_results_hash: bytes
    evidence_hash: bytes
    proposer_address: bytes


def header_hash(header: Header) -> bytes:
    """Return the block's hash: the RFC 6962 root over the header's fourteen encoded fields."""
    version = _field(1, header.version_block) + _field(2, header.version_app)
    hashes = (
        header.last_commit_hash,
        header.data_hash,
        header.validators_hash,
        header.next_validators_hash,
        header.consensus_hash,
        header.app_hash,
        header.last_results_hash,
        header.evidence_hash,
        header.proposer_address,
    )
    leaves = [version, _text(1, header.chain_id), _field(1, header.height)]
    leaves += [_time(header.time), _block_id(header.last_block_id), *(_bytes(1, one) for one in hashes)]
    return root_of(leaf_hashes(leaves))


def validators_hash(validators: Iterable[tuple[bytes, int]]) -> bytes:
    """Return the hash of a validator set, Ed25519 public keys with their power in CometBFT's order."""
    leaves = [_message(1, _bytes(1, public_key)) + _field(2, power) for public_key, power in validators]
    return root_of(leaf_hashes(leaves))


def address(public_key: bytes) -> bytes:
    """Return a validator's address: SHA-256(public key)[:20]."""
    return sha256(public_key).digest()[:ADDRESS_BYTES]


def precommit_bytes(chain_id: str, block: BlockId | None, *, height: int, round_: int, time: Time) -> bytes:
    """Return what a validator signs when it precommits a block, or none, its length in front."""
    vote = (
        _field(1, _PRECOMMIT)
        + _fixed64(2, height)
        + _fixed64(3, round_)
        + (_message(4, _block_id(block)) if block is not None else b"")
        + _message(5, _time(time))
        + _text(6, chain_id)
    )
    return _varint(len(vote)) + vote


def _block_id(block: BlockId) -> bytes:
    parts = _field(1, block.parts_total) + _bytes(2, block.parts_hash)
    return _bytes(1, block.hash) + _message(2, parts)


def _time(time: Time) -> bytes:
    return _field(1, time.seconds) + _field(2, time.nanos)


def _varint(number: int) -> bytes:
    """Return a base-128 varint; a negative number is taken as 64 bits, as int64 is."""
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _key(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _field(number: int, value: int) -> bytes:
    return _key(number, _VARINT) + _varint(value) if value else b""


def _fixed64(number: int, value: int) -> bytes:
    return _key(number, _FIXED64) + value.to_bytes(8, "little", signed=True) if value else b""


def _bytes(number: int, value: bytes) -> bytes:
    return _message(number, value) if value else b""


def _text(number: int, value: str) -> bytes:
    return _bytes(number, value.encode())


def _message(number: int, value: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(value)) + value
