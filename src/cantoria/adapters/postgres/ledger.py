"""The ledger in PostgreSQL: rows travel by COPY, every commit waits for the disk (synchronous_commit=on)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import psycopg
import sqlalchemy as sa

from cantoria.adapters.sql_ledger import Fault, SqlLedgerStore, no_fault
from cantoria.kernel.errors import IntegrityError, UnavailableError

_TYPES: Final = {
    "entry": ("int8", "bytea"),
    "fact": ("bytea", "int8", "int4"),
    "body": ("int8", "bytea", "bytea"),
    "governance": ("int8",),
    "late": ("int8", "int8"),
}
_ADVISORY_LOCK: Final = 0x63616E746F726961


class PostgresLedgerStore(SqlLedgerStore):
    """`LedgerStore` in the PostgreSQL database at `url` (`postgresql+psycopg://…`), one log per database."""

    def __init__(self, url: str, *, fault: Fault = no_fault) -> None:
        engine = sa.create_engine(url, pool_pre_ping=True)

        @sa.event.listens_for(engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET synchronous_commit = on")
            connection.commit()

        super().__init__(engine, fault=fault)

    def scrub(self) -> None:
        """Remove the dead row versions that an erasure left behind."""
        with self._failures("vacuum the bodies"), self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM body")

    def _begin(self, connection: sa.Connection) -> None:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))

    def _insert(self, connection: sa.Connection, table: sa.Table, *, rows: Sequence[tuple[Any, ...]]) -> None:
        if not rows:
            return
        names = ",".join([column.name for column in table.columns][: len(rows[0])])
        driver: Any = connection.connection.driver_connection
        command = f"COPY {table.name} ({names}) FROM STDIN (FORMAT BINARY)"
        try:
            with driver.cursor() as cursor, cursor.copy(command) as copy:
                copy.set_types(_TYPES[table.name])
                for row in rows:
                    copy.write_row(row)
        except psycopg.IntegrityError as error:
            raise IntegrityError(f"cannot store {table.name}: {error}", "the store contradicts the log") from error
        except psycopg.Error as error:
            remedy = "free space on its disk if it is full, then retry with the same batch"
            raise UnavailableError(f"cannot store {table.name}: {error}", remedy) from error

    def _upsert_tiles(self, connection: sa.Connection, rows: Sequence[tuple[int, int, bytes]]) -> None:
        if rows:
            connection.exec_driver_sql(
                "INSERT INTO tile (level,n,hashes) VALUES (%s,%s,%s) "
                "ON CONFLICT (level,n) DO UPDATE SET hashes = EXCLUDED.hashes",
                list(rows),
            )
