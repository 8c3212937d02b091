"""The tiles of a tree whose root is signed: each is checked, from the root down, before anyone sees it.

The tiles at the right edge must lead to the signed root; every other tile must hash to the place it has in the tile
above it. So the first bad tile is named, and nothing that hangs below a bad one is ever believed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final

from cantoria.adapters.tile_sources import TileSource, read_entries, read_tile
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.ledger import merkle, tiles
from cantoria.ledger.merkle import HASH_BYTES
from cantoria.ledger.notes import Checkpoint

TILES_CACHED: Final = 2_048
_TILE: Final = tiles.TILE_WIDTH * HASH_BYTES
_REMEDY: Final = "do not use this copy; tell who serves it"


class VerifiedTree:
    """The tree of `checkpoint` as `source` has it; where `first` is given, its files are taken when they are good."""

    def __init__(self, checkpoint: Checkpoint, *, source: TileSource, first: TileSource | None = None) -> None:
        self.checkpoint = checkpoint
        self._sources = [one for one in (first, source) if one is not None]
        self._source = source
        self.edge = self._read_edge()
        self.tile = lru_cache(maxsize=TILES_CACHED)(self._tile)
        self._node = tiles.node_reader(self.tile)

    def width(self, level: int, number: int) -> int:
        """Return how many hashes the tile has in this tree, 0 when it has none such."""
        count = self.checkpoint.size >> (tiles.TILE_HEIGHT * level)
        return max(0, min(tiles.TILE_WIDTH, count - number * tiles.TILE_WIDTH))

    def root_at(self, size: int) -> bytes:
        """Return the root that the first `size` entries of this tree have."""
        return merkle.range_root(self._node, 0, stop=size)

    def growth_from(self, size: int) -> list[bytes]:
        """Return the consistency proof from `size` to this tree."""
        return merkle.consistency_proof(self._node, size, size=self.checkpoint.size)

    def entries(self, number: int) -> bytes:
        """Return the packed entries beneath a level-0 tile; `IntegrityError` names the bundle when it is bad."""
        width, leaves = self.width(0, number), self.tile(0, number)
        path = tiles.entries_path(number, width=width)
        read = partial(read_entries, number=number, width=width)
        return self._first_good(path, read, good=lambda data: _leaves(data) == leaves)

    def _tile(self, level: int, number: int) -> bytes:
        width = self.width(level, number)
        if width < tiles.TILE_WIDTH:
            return self.edge.partial[level] if width else b""
        place = (number % tiles.TILE_WIDTH) * HASH_BYTES
        expected = self.tile(level + 1, number // tiles.TILE_WIDTH)[place : place + HASH_BYTES]

        path = tiles.tile_path(level, number)
        read = partial(read_tile, level=level, number=number, width=width)
        return self._first_good(path, read, good=lambda data: len(data) == _TILE and tiles.tile_root(data) == expected)

    def _first_good(
        self, path: str, read: Callable[[TileSource], bytes | None], *, good: Callable[[bytes], bool]
    ) -> bytes:
        missing = True
        for source in self._sources:
            data = read(source)
            if data is not None and good(data):
                return data
            missing = data is None
        if missing:
            raise UnavailableError(f"{self._source.name} lacks {path}", "try again later, or another source")
        raise IntegrityError(f"{path} from {self._source.name} is not part of the signed tree", _REMEDY)

    def _read_edge(self) -> tiles.Edge:
        """Read the partial tiles at the right edge: they have no tile above them, only the root."""
        size = self.checkpoint.size
        names: list[tuple[int, str]] = []

        def read(level: int, number: int) -> bytes | None:
            width = self.width(level, number)
            name = tiles.tile_path(level, number, width=width)
            names.append((level, name))
            found = read_tile(self._source, level=level, number=number, width=width)
            if found is None:
                raise UnavailableError(f"{self._source.name} lacks {name}", "try again later, or another source")
            if len(found) != width * HASH_BYTES:
                raise IntegrityError(f"{name} from {self._source.name} does not hold {width} hashes", _REMEDY)
            return found

        edge = tiles.edge_from_tiles(read, size=size)
        if edge.root() != self.checkpoint.root:
            bad = next((name for level, name in names if not self._fits(level, edge.partial[level])), None)
            which = f"{bad} does" if bad else f"{', '.join(name for _, name in names) or 'its tree'} do"
            raise IntegrityError(f"{which} not lead to the signed root of {self._source.name}", _REMEDY)
        return edge

    def _fits(self, level: int, held: bytes) -> bool:
        """Tell whether a partial tile hashes from what the source has below it, as far as the source has it."""
        number = (self.checkpoint.size >> (tiles.TILE_HEIGHT * level)) // tiles.TILE_WIDTH
        if level == 0:
            data = read_entries(self._source, number=number, width=len(held) // HASH_BYTES)
            return data is None or _leaves(data) == held
        for at in range(0, len(held), HASH_BYTES):
            child = number * tiles.TILE_WIDTH + at // HASH_BYTES
            below = read_tile(self._source, level=level - 1, number=child, width=tiles.TILE_WIDTH)
            if below is not None and (len(below) != _TILE or tiles.tile_root(below) != held[at : at + HASH_BYTES]):
                return False
        return True


def _leaves(data: bytes) -> bytes | None:
    """Return the joined leaf hashes of a bundle of entries, or None when it is malformed."""
    try:
        return b"".join(merkle.leaf_hashes(tiles.unpack_entries(data)))
    except InputError:
        return None
