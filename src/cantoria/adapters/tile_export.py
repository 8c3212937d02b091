"""A log as static files in the layout of C2SP tlog-tiles, for any web server or object store to serve.

Writes `tile/…` and `tile/entries/…` first and `checkpoint` last, each file whole or not at all: a reader who sees the
checkpoint finds every tile below it. Whole tiles never change and are written once.
"""

from __future__ import annotations

import os
from pathlib import Path

from cantoria.kernel.errors import UnavailableError
from cantoria.ledger import tiles
from cantoria.ledger.merkle import HASH_BYTES
from cantoria.ledger.notes import unsigned_size
from cantoria.ledger.ports import LedgerStore


def export_tiles(store: LedgerStore, directory: Path) -> int:
    """Bring `directory` up to the store's last checkpoint; return its size (0 and no files when there is none)."""
    note = store.checkpoint()
    if note is None:
        return 0
    size = unsigned_size(note)
    try:
        for level, number, width in tiles.tiles_of(size):
            _export_tile(store, directory, place=(level, number, width))
        _write(directory / "checkpoint", note.encode())
    except OSError as error:
        raise UnavailableError(
            f"cannot export to {directory}: {error}", "free space or permit it, then retry"
        ) from error
    return size


def _export_tile(store: LedgerStore, directory: Path, *, place: tuple[int, int, int]) -> None:
    level, number, width = place
    target = directory / tiles.tile_path(level, number, width=width)
    if level == 0:
        bundle = directory / tiles.entries_path(number, width=width)
        if not bundle.exists():
            start = number * tiles.TILE_WIDTH
            _write(bundle, tiles.pack_entries(store.entries(start, stop=start + width)))
    if not target.exists():
        hashes = store.tile(level, number) or b""
        _write(target, hashes[: width * HASH_BYTES])


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
