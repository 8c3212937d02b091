"""A log as C2SP tlog-tiles, wherever it lies: in a store, in a folder; over HTTP see `http.tile_client`.

Nothing that a source returns is verified here: `verified_tree` does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from cantoria.adapters.files import read_file
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger import tiles
from cantoria.ledger.merkle import HASH_BYTES, SIZE_MAX
from cantoria.ledger.notes import NOTE_BYTES_MAX, unsigned_size
from cantoria.ledger.ports import LedgerStore

TILE_BYTES_MAX: Final = tiles.TILE_WIDTH * HASH_BYTES
ENTRIES_BYTES_MAX: Final = tiles.TILE_WIDTH * (2 + tiles.ENTRY_BYTES_MAX)
_PATH_MAX: Final = 100
_PATH: Final = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


class TileSource(Protocol):
    """Where a log's published files come from. None: it has no such file. `UnavailableError`: it cannot be reached."""

    @property
    def name(self) -> str:
        """What people call it: a folder or an address."""
        ...

    def checkpoint(self) -> str | None:
        """Return the newest checkpoint's note."""
        ...

    def tile(self, level: int, number: int, *, width: int = tiles.TILE_WIDTH) -> bytes | None:
        """Return the joined hashes of a tile of this width."""
        ...

    def entries(self, number: int, *, width: int = tiles.TILE_WIDTH) -> bytes | None:
        """Return the packed entries beneath the level-0 tile of this number and width."""
        ...


@dataclass(frozen=True, slots=True)
class TilePath:
    """What a path names: a tile of a level, or (level None) a bundle of entries; its number and width."""

    level: int | None
    number: int
    width: int


def parse_path(path: str) -> TilePath:
    """Return what `tile/…` names; any but the one spelling of the format is an `InputError`."""
    matched = _PATH.fullmatch(path) if len(path) <= _PATH_MAX else None
    if matched is None:
        raise InputError(f"{path!r:.120} is not the path of a tile", "see c2sp.org/tlog-tiles")
    kind, number, width = matched.groups()
    level = None if kind == "entries" else int(kind)
    found = TilePath(level, tiles.parse_number(number), int(width or tiles.TILE_WIDTH))
    if (level or 0) > tiles.LEVEL_MAX or (width and found.width >= tiles.TILE_WIDTH):
        raise InputError(f"{path!r:.120} is not the path of a tile", "see c2sp.org/tlog-tiles")
    return found


def read_tile(source: TileSource, *, level: int, number: int, width: int) -> bytes | None:
    """Return a tile; a partial one that is gone is cut from the whole one, which takes its place (C2SP tlog-tiles)."""
    found = source.tile(level, number, width=width)
    if found is None and width < tiles.TILE_WIDTH:
        found = (source.tile(level, number) or b"")[: width * HASH_BYTES]
    return found or None


def read_entries(source: TileSource, *, number: int, width: int) -> bytes | None:
    """Return a bundle of entries; a partial one that is gone is cut from the whole one."""
    found = source.entries(number, width=width)
    if found is None and width < tiles.TILE_WIDTH and (whole := source.entries(number)) is not None:
        found = tiles.pack_entries(tiles.unpack_entries(whole)[:width])
    return found


class StoreSource:
    """A log in its store, as far as its newest signed checkpoint reaches and no further."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store
        self._size = 0

    @property
    def name(self) -> str:
        """What people call it."""
        return "the ledger"

    def checkpoint(self) -> str | None:
        """Return the newest checkpoint's note."""
        return self._store.checkpoint()

    def tile(self, level: int, number: int, *, width: int = tiles.TILE_WIDTH) -> bytes | None:
        """Return the joined hashes of a tile of this width."""
        if not self._covers(level, number, width=width):
            return None
        hashes = self._store.tile(level, number) or b""
        return hashes[: width * HASH_BYTES] if len(hashes) >= width * HASH_BYTES else None

    def entries(self, number: int, *, width: int = tiles.TILE_WIDTH) -> bytes | None:
        """Return the packed entries beneath a level-0 tile of this width."""
        if not self._covers(0, number, width=width):
            return None
        start = number * tiles.TILE_WIDTH
        return tiles.pack_entries(self._store.entries(start, stop=start + width))

    def _covers(self, level: int, number: int, *, width: int) -> bool:
        """Tell whether the signed tree has all these hashes."""
        needed = (number * tiles.TILE_WIDTH + width) << (tiles.TILE_HEIGHT * level)
        if self._size < needed <= SIZE_MAX:
            note = self._store.checkpoint()
            self._size = unsigned_size(note) if note else 0
        return needed <= self._size


class FolderSource:
    """A log as static files in a folder: an export or a mirror. Paths are made of numbers only.

    `checkpoint` may be the name of another file in it, such as a checkpoint that somebody kept.
    """

    def __init__(self, folder: Path, *, checkpoint: str = "checkpoint") -> None:
        self.folder = folder
        self._checkpoint = checkpoint

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.folder)

    def checkpoint(self) -> str | None:
        """Return the newest checkpoint's note."""
        data = self._read(self._checkpoint, bytes_max=NOTE_BYTES_MAX)
        try:
            return None if data is None else data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"the checkpoint in {self.folder} is not UTF-8", "fetch it again") from error

    def tile(self, level: int, number: int, *, width: int = tiles.TILE_WIDTH) -> bytes | None:
        """Return the joined hashes of a tile of this width."""
        return self._read(tiles.tile_path(level, number, width=width), bytes_max=TILE_BYTES_MAX)

    def entries(self, number: int, *, width: int = tiles.TILE_WIDTH) -> bytes | None:
        """Return the packed entries beneath a level-0 tile of this width."""
        return self._read(tiles.entries_path(number, width=width), bytes_max=ENTRIES_BYTES_MAX)

    def _read(self, path: str, *, bytes_max: int) -> bytes | None:
        try:
            return read_file(self.folder / path, bytes_max=bytes_max)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UnavailableError(f"cannot read {path} in {self.folder}: {error}", "check the folder") from error
