"""The ledger's tables in SQL, and what is asked of them inside a transaction.

entry(idx, data)  fact(fact_id, idx, type)  body(idx, salt, body, erased_at)  tile(level, n, hashes)
late(n, idx)  checkpoint(size, note)  governance(idx)  meta(key, value)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from cantoria.ledger.replay import fact_of

_PART: Final = 1000
_BIG: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
METADATA: Final = sa.MetaData()


def _table(name: str, *columns: sa.Column[Any], with_rowid: bool = True) -> sa.Table:
    return sa.Table(name, METADATA, *columns, sqlite_strict=True, sqlite_with_rowid=with_rowid)


ENTRY: Final = _table(
    "entry",
    sa.Column("idx", _BIG, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
FACT: Final = _table(
    "fact",
    sa.Column("fact_id", sa.LargeBinary, primary_key=True),
    sa.Column("idx", _BIG, nullable=False),
    sa.Column("type", sa.Integer, nullable=False),
    with_rowid=False,
)
BODY: Final = _table(
    "body",
    sa.Column("idx", _BIG, primary_key=True, autoincrement=False),
    sa.Column("salt", sa.LargeBinary),
    sa.Column("body", sa.LargeBinary),
    sa.Column("erased_at", _BIG),
)
LATE: Final = _table(
    "late",
    sa.Column("n", _BIG, primary_key=True, autoincrement=False),
    sa.Column("idx", _BIG, nullable=False),
)
TILE: Final = _table(
    "tile",
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", _BIG, primary_key=True, autoincrement=False),
    sa.Column("hashes", sa.LargeBinary, nullable=False),
    with_rowid=False,
)
CHECKPOINT: Final = _table(
    "checkpoint",
    sa.Column("size", _BIG, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
)
GOVERNANCE: Final = _table("governance", sa.Column("idx", _BIG, primary_key=True, autoincrement=False))
META: Final = _table(
    "meta",
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
    with_rowid=False,
)


def erase(connection: sa.Connection, index: int, moment: int) -> bool:
    """Destroy one body, or note that it must never be stored; tell whether it was not erased before."""
    gone = sa.update(BODY).where(BODY.c.idx == index, BODY.c.erased_at.is_(None))
    if connection.execute(gone.values(salt=None, body=None, erased_at=moment)).rowcount:
        return True
    if connection.execute(sa.select(BODY.c.idx).where(BODY.c.idx == index)).first() is not None:
        return False
    connection.execute(sa.insert(BODY).values(idx=index, erased_at=moment))
    return True


def facts_among(connection: sa.Connection, indices: Sequence[int]) -> set[int]:
    """Return those of the indices at which a fact stands."""
    found: set[int] = set()
    for at in range(0, len(indices), _PART):
        query = sa.select(ENTRY.c.idx, ENTRY.c.data).where(ENTRY.c.idx.in_(indices[at : at + _PART]))
        found.update(row[0] for row in connection.execute(query) if fact_of(row[1]) is not None)
    return found


def bodies_among(connection: sa.Connection, indices: Sequence[int]) -> set[int]:
    """Return those of the indices that have a body, or had one that is erased."""
    found: set[int] = set()
    for at in range(0, len(indices), _PART):
        query = sa.select(BODY.c.idx).where(BODY.c.idx.in_(indices[at : at + _PART]))
        found.update(row[0] for row in connection.execute(query))
    return found
