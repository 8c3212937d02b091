"""The house in a few threads: a view of its own for each reader, one writer at a time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from cantoria.bootstrap.house import WiredHouse, open_house

T = TypeVar("T")
READERS: Final = 3


class HouseThreads:
    """Runs work on the house at `home`: `read` in one of a few threads, `write` in one alone.

    Each thread has the house opened for itself, brought up to date before every piece of work; a writer holds the
    house's lock for that piece only, so that commands can record in between.
    """

    def __init__(self, home: Path, *, readers: int = READERS) -> None:
        self.home = home
        self._local = threading.local()
        self._opened: list[WiredHouse] = []
        self._opening = threading.Lock()
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="house-reader")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="house-writer")

    async def read(self, work: Callable[[WiredHouse], T]) -> T:
        """Return what `work` makes of the house as it is now."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._fresh, work)

    def look(self, work: Callable[[WiredHouse], T]) -> T:
        """Do the same for a caller that waits, in a thread that is none of the readers'."""
        return self._readers.submit(self._fresh, work).result()

    async def write(self, work: Callable[[WiredHouse], T]) -> T:
        """Return what `work` makes of the house while nobody else writes to it."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self.write_now, work)

    def write_now(self, work: Callable[[WiredHouse], T]) -> T:
        """Do the same in this thread."""
        house = self._house()
        house.begin_writing(lambda: None)
        try:
            return work(house)
        finally:
            house.lock.release()

    def close(self) -> None:
        """End the threads and release the houses."""
        self._readers.shutdown()
        self._writer.shutdown()
        self._opened.clear()  # each was made by a thread that is gone: its connections close with it

    def _fresh(self, work: Callable[[WiredHouse], T]) -> T:
        house = self._house()
        house.engine.refresh()
        house.index.catch_up()
        return work(house)

    def _house(self) -> WiredHouse:
        found: WiredHouse | None = getattr(self._local, "house", None)
        if found is None:
            with self._opening:
                found = open_house(self.home)
                self._opened.append(found)
            self._local.house = found
        return found
