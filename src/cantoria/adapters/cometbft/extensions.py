"""Cosignatures of checkpoints on their way: from each validator's vote into the next block, from there into the note.

A vote extension is empty or 77 bytes: `01 ‖ key hash (4) ‖ u64 time ‖ Ed25519 (64)`, a C2SP cosignature/v1 of the log
after the block before. The proposer of the next block puts a quorum of them first, as a transaction that is no entry
of the log: `05 ‖ u64 height ‖ n × (key hash ‖ time ‖ signature)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cantoria.kernel.errors import InputError

KIND_COSIGNATURES: Final = 0x05
EXTENSION_BYTES: Final = 77
COSIGNATURES_MAX: Final = 64
_VERSION: Final = b"\x01"
_ONE: Final = 76


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A cosigner's 4-byte key hash, the time it signed (seconds since 1970), and its 64-byte signature."""

    key_hash: bytes
    time: int
    signature: bytes

    def pack(self) -> bytes:
        """Return 76 bytes."""
        return self.key_hash + self.time.to_bytes(8, "big") + self.signature


def pack_extension(cosignature: Cosignature) -> bytes:
    """Return the vote extension."""
    return _VERSION + cosignature.pack()


def unpack_extension(data: bytes) -> Cosignature | None:
    """Return the cosignature in a vote extension, None where there is none; anything else is an `InputError`."""
    if not data:
        return None
    if len(data) != EXTENSION_BYTES or data[:1] != _VERSION:
        raise InputError("this vote extension is not a cosignature", "upgrade this node or its neighbour")
    return _unpack(data[1:])


def pack_transaction(height: int, cosignatures: Sequence[Cosignature]) -> bytes:
    """Return the transaction with these cosignatures of the log after block `height`."""
    return bytes([KIND_COSIGNATURES]) + height.to_bytes(8, "big") + b"".join(one.pack() for one in cosignatures)


def unpack_transaction(data: bytes) -> tuple[int, list[Cosignature]]:
    """Return the height and the cosignatures, or raise `InputError`."""
    rest = data[9:]
    count, spare = divmod(len(rest), _ONE)
    if data[:1] != bytes([KIND_COSIGNATURES]) or spare or not 1 <= count <= COSIGNATURES_MAX:
        raise InputError("this transaction is not one of cosignatures")
    return int.from_bytes(data[1:9], "big"), [_unpack(rest[at : at + _ONE]) for at in range(0, len(rest), _ONE)]


def _unpack(data: bytes) -> Cosignature:
    return Cosignature(data[:4], int.from_bytes(data[4:12], "big"), data[12:])
