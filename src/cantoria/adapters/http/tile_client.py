"""A log that others serve as C2SP tlog-tiles over HTTP, as a `TileSource`."""

from __future__ import annotations

from cantoria.adapters.http.fetching import Fetcher
from cantoria.adapters.tile_sources import ENTRIES_BYTES_MAX, TILE_BYTES_MAX
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger import tiles
from cantoria.ledger.notes import NOTE_BYTES_MAX


class HttpSource:
    """The log at an address (its prefix, or the address of its checkpoint)."""

    def __init__(self, address: str) -> None:
        self._fetcher = Fetcher(address.rstrip("/").removesuffix("/checkpoint"))

    @property
    def name(self) -> str:
        """What people call it."""
        return self._fetcher.base

    def checkpoint(self) -> str | None:
        """Return the newest checkpoint's note."""
        data = self._get("checkpoint", bytes_max=NOTE_BYTES_MAX)
        try:
            return None if data is None else data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"the checkpoint of {self.name} is not UTF-8", "ask who serves it") from error

    def tile(self, level: int, number: int, *, width: int = tiles.TILE_WIDTH) -> bytes | None:
        """Return the joined hashes of a tile of this width."""
        return self._get(tiles.tile_path(level, number, width=width), bytes_max=TILE_BYTES_MAX)

    def entries(self, number: int, *, width: int = tiles.TILE_WIDTH) -> bytes | None:
        """Return the packed entries beneath a level-0 tile of this width."""
        return self._get(tiles.entries_path(number, width=width), bytes_max=ENTRIES_BYTES_MAX)

    def close(self) -> None:
        """Release the connections."""
        self._fetcher.close()

    def _get(self, path: str, *, bytes_max: int) -> bytes | None:
        answer = self._fetcher.get(path, bytes_max=bytes_max)
        if answer.status == 200:
            return answer.body
        if answer.status in (404, 410):
            return None
        raise UnavailableError(f"{self.name} answered {answer.status} for {path}", "ask who serves it")
