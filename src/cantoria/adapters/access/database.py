"""One database of accounts: short transactions, one writer at a time, failures in this house's words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.access.tables import META, METADATA
from cantoria.adapters.keys import check_private
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError

FORMAT: Final = b"cantoria-access/1"
_LOCK: Final = 0x63616E746F616363
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=10000",
)


class Database:
    """The accounts' tables behind an SQLAlchemy engine; may be used from any thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        with self.write() as connection:
            METADATA.create_all(connection, checkfirst=True)
            found = connection.execute(sa.select(META.c.value).where(META.c.name == "format")).scalar()
            if found is None:
                connection.execute(sa.insert(META).values(name="format", value=FORMAT))
        if found not in (None, FORMAT):
            engine.dispose()
            raise IntegrityError(f"these are accounts of another format, {found!r}", "open them with their own version")

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection to read with."""
        with _failures(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a connection that alone writes until the block ends, and commits unless it fails."""
        with _failures(), self._engine.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection
            connection.commit()

    def secret(self, name: str, *, fresh: bytes) -> bytes:
        """Return the secret kept under this name; the first caller's `fresh` one is kept."""
        with self.write() as connection:
            found: bytes | None = connection.execute(sa.select(META.c.value).where(META.c.name == name)).scalar()
            if found is None:
                connection.execute(sa.insert(META).values(name=name, value=fresh))
            return fresh if found is None else found

    def close(self) -> None:
        """Release the connections."""
        self._engine.dispose()


def open_sqlite(path: Path) -> Database:
    """Open the accounts in an SQLite file, made with mode 0600 when absent; one open to others is refused."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise UnavailableError(f"cannot open the accounts: {error}", "check the house's folder") from error
    check_private(path)
    address = sa.URL.create("sqlite+pysqlite", database=str(path))
    engine = sa.create_engine(address, connect_args={"isolation_level": None, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    return Database(engine)


def open_postgres(url: str) -> Database:
    """Open the accounts in the PostgreSQL database at `url` (`postgresql+psycopg://…`)."""
    return Database(sa.create_engine(url, pool_pre_ping=True))


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise InputError("that exists already, or was changed meanwhile", "look again") from error
    except sa.exc.DBAPIError as error:
        text = str(error.orig)
        if "malformed" in text or "not a database" in text:
            raise IntegrityError(f"the accounts are damaged: {text}", "restore them from a copy") from error
        raise UnavailableError(f"cannot use the accounts: {text}", "retry") from error
