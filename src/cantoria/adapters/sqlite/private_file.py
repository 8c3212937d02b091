"""A small store in a file of its own beside the house: for several threads and processes, read by its owner alone."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.sqlite.failures import failures

WAIT_SECONDS: Final = 30


class PrivateFile:
    """The SQLite file at `path` (mode 0600), made with `schema` when absent. May be used from any thread.

    `pragmas` are set before the schema. What fails is told of `what`, with `remedy` where the file is damaged.
    """

    def __init__(self, path: Path, *, schema: str, pragmas: tuple[str, ...], what: str, remedy: str) -> None:
        self._lock, self._what, self._remedy = threading.Lock(), what, remedy
        with self._failures():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(path, timeout=WAIT_SECONDS, check_same_thread=False, isolation_level=None)
            for pragma in pragmas:
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(schema)

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return what a query finds."""
        with self._lock, self._failures():
            return self._db.execute(query, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for one transaction: on disk when the block ends, undone when it fails."""
        with self._lock, self._failures():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def _failures(self) -> AbstractContextManager[None]:
        return failures(self._what, remedy=self._remedy)
