"""Accounts on each kind of store, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cantoria.adapters.access.accounts import Accounts
from cantoria.adapters.access.database import Database, open_postgres, open_sqlite

NOW = 1_790_000_000_000_000


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A fresh database of accounts."""
    if request.param == "postgres":
        opened = open_postgres(request.getfixturevalue("postgres_url"))
    else:
        opened = open_sqlite(tmp_path / "access.db")
    yield opened
    opened.close()


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database)


@pytest.fixture
def now() -> int:
    return NOW
