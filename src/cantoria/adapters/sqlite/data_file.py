"""`data.db`, a node's memory of the data beside the chain: durable, shared by its processes, overwritten on delete."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cantoria.adapters.sqlite.failures import failures

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA journal_size_limit=67108864",
)
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS held (
  key BLOB PRIMARY KEY, parcel BLOB, asker BLOB NOT NULL, at INTEGER NOT NULL, attestation BLOB) STRICT;
CREATE TABLE IF NOT EXISTS endorsement (
  key BLOB PRIMARY KEY, parcel BLOB, asker BLOB NOT NULL, at INTEGER NOT NULL, state INTEGER NOT NULL,
  reason TEXT NOT NULL, attestation BLOB) STRICT;
CREATE TABLE IF NOT EXISTS awaited (
  idx INTEGER PRIMARY KEY, organisation BLOB NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  retry_at INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS awaited_next ON awaited (retry_at, idx);
CREATE TABLE IF NOT EXISTS named (
  digest TEXT NOT NULL, idx INTEGER NOT NULL, tag INTEGER NOT NULL, PRIMARY KEY (digest, idx)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS named_by_fact ON named (idx);
CREATE TABLE IF NOT EXISTS shield (
  statement TEXT NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (statement, idx)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS root (
  root TEXT NOT NULL, digest TEXT NOT NULL, lines INTEGER NOT NULL, idx INTEGER NOT NULL,
  PRIMARY KEY (root, digest)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS erasure (
  idx INTEGER PRIMARY KEY, target BLOB NOT NULL, state INTEGER NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS holder (
  idx INTEGER NOT NULL, author BLOB NOT NULL, organisation BLOB NOT NULL, PRIMARY KEY (idx, organisation)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS demand (
  fact_id BLOB PRIMARY KEY, idx INTEGER NOT NULL, asker BLOB NOT NULL, of BLOB NOT NULL, batch INTEGER,
  root TEXT NOT NULL, position INTEGER NOT NULL, at INTEGER NOT NULL, answered INTEGER NOT NULL DEFAULT 0,
  trouble TEXT NOT NULL DEFAULT '') STRICT;
CREATE TABLE IF NOT EXISTS delivery (
  demand BLOB NOT NULL, organisation BLOB NOT NULL, idx INTEGER NOT NULL, digest TEXT NOT NULL,
  checked INTEGER NOT NULL DEFAULT 0, trouble TEXT NOT NULL DEFAULT '', PRIMARY KEY (demand, organisation)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS peer (
  organisation BLOB PRIMARY KEY, failures INTEGER NOT NULL, retry_at INTEGER NOT NULL, answered_at INTEGER NOT NULL,
  trouble TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS trouble (duty TEXT PRIMARY KEY, at INTEGER NOT NULL, said TEXT NOT NULL) STRICT;
"""


class DataFile:
    """A connection to `data.db`; any number of threads, one at a time."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        with self._failures():
            # Made with its mode: salts and bodies lie in it.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                self._connection.execute(pragma)
            self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside one transaction: all of it, durably, or nothing."""
        with self._lock, self._failures():
            if self._connection.in_transaction:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def scrub(self) -> None:
        """Fold the journal into the file and cut it, so that no copy of what was removed remains in it."""
        with self._lock, self._failures():
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        with failures("data.db", remedy="remove it: it is made again from the ledger, what is held for others is not"):
            yield


def scrub_file(path: Path) -> None:
    """Fold and cut the journal of a SQLite file that other parts have open: a queue that bodies pass through."""
    if path.exists():
        with failures(path.name, remedy="restore it from a copy"):
            connection = sqlite3.connect(path, timeout=10)
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()
