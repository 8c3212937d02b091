"""The ledger in one SQLite file: WAL, synchronous=FULL (every commit is fsynced), erased bytes overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.sql_ledger import Fault, SqlLedgerStore, no_fault

_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=10000",
    "PRAGMA cache_size=-65536",
    "PRAGMA wal_autocheckpoint=8000",
    "PRAGMA journal_size_limit=67108864",
)


class SqliteLedgerStore(SqlLedgerStore):
    """`LedgerStore` in the SQLite file at `path`, which is made when absent.

    `pages_max` bounds the file (pages of 4 KiB); beyond it a write fails as on a full disk.
    """

    def __init__(self, path: Path, *, fault: Fault = no_fault, pages_max: int | None = None) -> None:
        # Made of parts: in a written address a `?` or `%` in a folder's name would mean something else.
        address = sa.URL.create("sqlite+pysqlite", database=str(path))
        engine = sa.create_engine(address, connect_args={"isolation_level": None, "check_same_thread": False})
        pragmas = (*_PRAGMAS, f"PRAGMA max_page_count={pages_max}") if pages_max else _PRAGMAS

        @sa.event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            for pragma in pragmas:
                connection.execute(pragma)

        super().__init__(engine, fault=fault)

    def scrub(self) -> None:
        """Fold the journal into the file and cut it, so that no copy of an erased body remains in it."""
        with self._failures("clean the journal"), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _begin(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _insert(self, connection: sa.Connection, table: sa.Table, *, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            marks = ",".join("?" * len(rows[0]))
            names = ",".join([column.name for column in table.columns][: len(rows[0])])
            # table and column names are our own constants
            connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", list(rows))  # noqa: S608

    def _upsert_tiles(self, connection: sa.Connection, rows: Sequence[tuple[int, int, bytes]]) -> None:
        if rows:
            connection.exec_driver_sql("INSERT OR REPLACE INTO tile (level,n,hashes) VALUES (?,?,?)", list(rows))
