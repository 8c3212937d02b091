"""Merkle trees over hashes that lie one after another in flat bytes: the tree of `ledger.merkle`, at less cost.

Levels are bytes of 32 for each node. A stream of leaf hashes needs no more memory than one piece of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from cantoria.kernel.check import require
from cantoria.ledger import merkle

HASH_BYTES: Final = 32
_PAIR: Final = 2 * HASH_BYTES
PIECE_LEVELS: Final = 15
_PIECE_BYTES: Final = HASH_BYTES << PIECE_LEVELS


def parents(level: bytes) -> bytes:
    """Return the next higher level; an odd last node rises unchanged."""
    paired = len(level) - len(level) % _PAIR
    above = b"".join([sha256(b"\x01" + level[start : start + _PAIR]).digest() for start in range(0, paired, _PAIR)])
    return above + level[paired:]


def levels_of(leaves: bytes) -> tuple[bytes, ...]:
    """Return all levels over these leaf hashes, leaves first and the root last."""
    require(len(leaves) % HASH_BYTES == 0, "leaf hashes have 32 bytes each")
    levels = [leaves]
    while len(levels[-1]) > HASH_BYTES:
        levels.append(parents(levels[-1]))
    return tuple(levels)


def root_of_stream(pieces: Iterable[bytes]) -> tuple[bytes, int]:
    """Return the root over leaf hashes that come in pieces of any length, and how many there are."""
    tops = bytearray()
    rest = b""
    leaves = 0
    for piece in pieces:
        leaves += len(piece)
        rest += piece
        whole = len(rest) - len(rest) % _PIECE_BYTES
        for start in range(0, whole, _PIECE_BYTES):
            tops += levels_of(rest[start : start + _PIECE_BYTES])[-1]
        rest = rest[whole:]
    require(len(rest) % HASH_BYTES == 0, "leaf hashes have 32 bytes each")
    if rest:
        tops += levels_of(rest)[-1]
    root = levels_of(bytes(tops))[-1] if tops else merkle.EMPTY_ROOT
    return root, leaves // HASH_BYTES
