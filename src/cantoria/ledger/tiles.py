"""256-wide tiles of C2SP tlog-tiles, and the edge: the few partial tiles that are all a log needs to grow.

Tile (level L, number n) holds the hashes of nodes n*256 … n*256+255 at tree level 8L, 32 bytes each, joined. A tile
of fewer hashes is partial; a larger tree's tile always begins with the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.ledger.merkle import EMPTY_ROOT, HASH_BYTES, ReadNode, node_hash, range_root

TILE_WIDTH: Final = 256
TILE_HEIGHT: Final = 8
LEVEL_MAX: Final = 63
ENTRY_BYTES_MAX: Final = 65_535
_TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
_NUMBER: Final = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}\Z")

ReadTile = Callable[[int, int], bytes | None]
"""`read(level, number)` returns the joined hashes that are stored of that tile, or None."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A whole or partial tile: `hashes` are 1 … 256 joined hashes of 32 bytes."""

    level: int
    number: int
    hashes: bytes


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree of `size` leaves: per tile level the joined hashes of its partial tile (0 … 255)."""

    size: int = 0
    partial: tuple[bytes, ...] = ()

    def extend(self, leaves: Sequence[bytes]) -> tuple[Edge, list[Tile]]:
        """Return the edge after these leaf hashes, and every tile that became different, lowest level first."""
        changed: list[Tile] = []
        partial: list[bytes] = []
        first = self.size
        row = b"".join(leaves)
        level = 0
        while row or level < len(self.partial):
            held = self.partial[level] if level < len(self.partial) else b""
            tiles, rest = _cut(held + row)
            number = first >> TILE_HEIGHT
            if row:
                changed.extend(Tile(level, number + i, tile) for i, tile in enumerate(tiles))
                if rest:
                    changed.append(Tile(level, number + len(tiles), rest))
            partial.append(rest)
            row = b"".join(tile_root(tile) for tile in tiles)
            first = number
            level += 1
        return Edge(self.size + len(leaves), tuple(partial)), changed

    def root(self) -> bytes:
        """Return the root of the tree."""
        return root_of_frontier(self.frontier())

    def frontier(self) -> tuple[bytes, ...]:
        """Return the roots of the complete subtrees that the size's binary digits name, largest first."""
        found: list[bytes] = []
        for hashes in self.partial:
            found.extend(_complete(hashes))
        found.reverse()
        return tuple(found)


def root_of_frontier(frontier: Sequence[bytes]) -> bytes:
    """Return the root of the tree whose complete subtrees, largest first, are `frontier`."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for subtree in reversed(frontier[:-1]):
        root = node_hash(subtree, root)
    return root


def tile_root(hashes: bytes) -> bytes:
    """Return the root over a complete tile (8,192 bytes)."""
    require(len(hashes) == _TILE_BYTES, "a complete tile has 256 hashes")
    return _complete_root(hashes)


def node_reader(read: ReadTile) -> ReadNode:
    """Return a `ReadNode` over stored tiles; a tile that is missing or too short raises `IntegrityError`."""

    def read_node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        hashes = read(tile_level, first >> TILE_HEIGHT)
        start = (first & (TILE_WIDTH - 1)) * HASH_BYTES
        stop = start + (HASH_BYTES << height)
        if hashes is None or len(hashes) < stop:
            raise IntegrityError(
                f"tile {tile_path(tile_level, first >> TILE_HEIGHT)} is missing or too short",
                "restore the ledger from a copy, or rebuild its tiles from the entries",
            )
        return _complete_root(hashes[start:stop])

    return read_node


def edge_from_tiles(read: ReadTile, *, size: int) -> Edge:
    """Return the edge of a tree of `size` leaves from stored tiles."""
    partial = []
    level = 0
    while size >> (TILE_HEIGHT * level):
        count = size >> (TILE_HEIGHT * level)
        number, width = divmod(count, TILE_WIDTH)
        hashes = read(level, number) if width else b""
        if hashes is None or len(hashes) < width * HASH_BYTES:
            raise IntegrityError(f"tile {tile_path(level, number)} is missing or too short", "restore the ledger")
        partial.append(hashes[: width * HASH_BYTES])
        level += 1
    return Edge(size, tuple(partial))


def tree_root(read: ReadTile, *, size: int) -> bytes:
    """Return the root at an earlier or the present `size`, from tiles."""
    return range_root(node_reader(read), 0, stop=size)


def tile_path(level: int, number: int, *, width: int = TILE_WIDTH) -> str:
    """Return the URL path of a tile, e.g. `tile/0/x001/x234/067` or `tile/0/067.p/5` (C2SP tlog-tiles)."""
    return f"tile/{level}/{_number_path(number)}" + _suffix(width)


def entries_path(number: int, *, width: int = TILE_WIDTH) -> str:
    """Return the URL path of a bundle of entries, e.g. `tile/entries/000.p/5`."""
    return f"tile/entries/{_number_path(number)}" + _suffix(width)


def parse_number(text: str) -> int:
    """Return the number written in a tile path as `x001/x234/067`; any other spelling is an `InputError`."""
    if not _NUMBER.match(text) or (len(text) > 3 and text.startswith("x000")):
        raise InputError(f"{text!r} is not a tile number", "write it as x001/x234/067")
    return int(text.replace("x", "").replace("/", ""))


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry behind its length as big-endian u16."""
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise InputError(f"an entry of {len(entry)} bytes exceeds {ENTRY_BYTES_MAX}", "record its hash instead")
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def unpack_entries(data: bytes) -> list[bytes]:
    """Return the entries of a bundle, or raise `InputError` when it is cut off."""
    entries = []
    at = 0
    while at < len(data):
        stop = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or stop > len(data):
            raise InputError("an entry bundle ends inside an entry", "fetch it again")
        entries.append(data[at + 2 : stop])
        at = stop
    return entries


def tiles_of(size: int) -> Iterator[tuple[int, int, int]]:
    """Yield (level, number, width) of every tile of a tree of `size` leaves, partial ones included."""
    level = 0
    while size >> (TILE_HEIGHT * level):
        whole, width = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
        for number in range(whole):
            yield level, number, TILE_WIDTH
        if width:
            yield level, whole, width
        level += 1


def _cut(data: bytes) -> tuple[list[bytes], bytes]:
    whole = len(data) // _TILE_BYTES * _TILE_BYTES
    return [data[at : at + _TILE_BYTES] for at in range(0, whole, _TILE_BYTES)], data[whole:]


def _complete_root(hashes: bytes) -> bytes:
    while len(hashes) > HASH_BYTES:
        pairs = range(0, len(hashes), 2 * HASH_BYTES)
        hashes = b"".join([sha256(b"\x01" + hashes[at : at + 64]).digest() for at in pairs])
    return hashes


def _complete(hashes: bytes) -> list[bytes]:
    """Return the complete subtrees of a partial tile, smallest (rightmost) first."""
    found = []
    stop = len(hashes) // HASH_BYTES
    for height in range(TILE_HEIGHT):
        if stop & (1 << height):
            start = stop - (1 << height)
            found.append(_complete_root(hashes[start * HASH_BYTES : stop * HASH_BYTES]))
            stop = start
    return found


def _number_path(number: int) -> str:
    digits = str(number)
    digits = digits.zfill((len(digits) + 2) // 3 * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([f"x{group}" for group in groups[:-1]] + groups[-1:])


def _suffix(width: int) -> str:
    return "" if width == TILE_WIDTH else f".p/{width}"
