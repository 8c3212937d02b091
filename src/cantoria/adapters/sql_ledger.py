"""All of the ledger's storage that SQLite and PostgreSQL share (SQLAlchemy Core), over `ledger_tables`.

`meta.head` (size ‖ frontier) is compared and set in every commit, so a second writer is noticed, never merged; with it
`meta.mark` is set, which is the engine's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from cantoria.adapters.ledger_tables import (
    BODY,
    CHECKPOINT,
    ENTRY,
    FACT,
    GOVERNANCE,
    LATE,
    META,
    METADATA,
    TILE,
    bodies_among,
    erase,
    facts_among,
)
from cantoria.kernel.errors import CantoriaError, IntegrityError, UnavailableError
from cantoria.ledger.notes import with_signatures
from cantoria.ledger.ports import Head, StoredBody, Write, unpack_head

FORMAT: Final = b"cantoria-ledger/1"
Fault = Callable[[str], None]
"""Called with the name of each step of a write: the place where tests kill or fail a process."""


def no_fault(step: str) -> None:
    """Let every step pass."""


class SqlLedgerStore:
    """`LedgerStore` over an SQLAlchemy engine; adapters say how to begin, to insert many rows, and to scrub."""

    def __init__(self, engine: sa.Engine, *, fault: Fault = no_fault) -> None:
        self._engine = engine
        self._fault = fault
        try:
            self._prepare()
        except CantoriaError:
            engine.dispose()
            raise

    def head(self) -> Head:
        """Return the present head."""
        found = self._value(sa.select(META.c.value).where(META.c.key == "head"))
        return unpack_head(found)

    def commit(self, write: Write) -> None:
        """Store `write` durably in one transaction, if the head is still `write.before`."""
        with self._failures("write to the ledger"), self._engine.connect() as connection:
            self._begin(connection)
            self._fault("begin")
            swap = sa.update(META).values(value=write.head.pack())
            swap = swap.where(META.c.key == "head", META.c.value == write.before.pack())
            if connection.execute(swap).rowcount != 1:
                raise UnavailableError("another process wrote to this ledger", "retry with the same batch")
            connection.execute(sa.update(META).values(value=write.mark).where(META.c.key == "mark"))
            self._fault("head")
            first = write.first
            rows = list(zip(range(first, first + len(write.entries)), write.entries, strict=True))
            self._insert(connection, ENTRY, rows=rows)
            self._fault("entries")
            self._insert(connection, FACT, rows=write.facts)
            self._fault("facts")
            self._insert(connection, BODY, rows=write.bodies)
            self._fault("bodies")
            self._insert(connection, GOVERNANCE, rows=[(index,) for index in write.governance])
            self._upsert_tiles(connection, [(tile.level, tile.number, tile.hashes) for tile in write.tiles])
            self._fault("tiles")
            erased = [index for index, moment in write.erasures if erase(connection, index, moment)]
            self._note_late(connection, erased)
            self._fault("commit")
            connection.commit()
            self._fault("committed")

    def mark(self) -> bytes:
        """Return the mark of the last write; of a fresh store, the empty one."""
        found: bytes = self._value(sa.select(META.c.value).where(META.c.key == "mark"))
        return found

    def add_bodies(self, rows: Sequence[tuple[int, bytes, bytes]]) -> int:
        """Store bodies that arrive after their envelopes, where there is a fact without one; return how many."""
        first = {index: (index, salt, body) for index, salt, body in reversed(rows)}
        with self._failures("store bodies"), self._engine.connect() as connection:
            self._begin(connection)
            free = facts_among(connection, sorted(first)) - bodies_among(connection, sorted(first))
            self._insert(connection, BODY, rows=[first[index] for index in sorted(free)])
            self._note_late(connection, sorted(free))
            self._fault("commit")
            connection.commit()
            self._fault("committed")
        return len(free)

    def drop_bodies(self, indices: Sequence[int], *, erased_at: int) -> int:
        """Destroy the bodies of these facts, and mark those that never had one here; return how many."""
        with self._failures("destroy bodies"), self._engine.connect() as connection:
            self._begin(connection)
            facts = facts_among(connection, sorted(set(indices)))
            erased = [index for index in sorted(facts) if erase(connection, index, erased_at)]
            self._note_late(connection, erased)
            self._fault("commit")
            connection.commit()
            self._fault("committed")
        return len(erased)

    def late_changes(self, after: int, *, limit: int) -> list[tuple[int, int]]:
        """Return up to `limit` late changes of bodies above number `after`: (number, index), in order."""
        query = sa.select(LATE.c.n, LATE.c.idx).where(LATE.c.n > after).order_by(LATE.c.n).limit(limit)
        return [(row[0], row[1]) for row in self._rows(query)]

    def last_late_change(self) -> int:
        """Return the number of the newest late change of a body, 0 when there was none."""
        return int(self._value(sa.select(sa.func.coalesce(sa.func.max(LATE.c.n), 0))))

    def number_late_above(self, number: int) -> None:
        """Let the next late change have a number above `number`: one of entry 0, which is no fact, takes it."""
        with self._failures("number late changes"), self._engine.connect() as connection:
            self._begin(connection)
            if connection.execute(sa.select(LATE.c.n).where(LATE.c.n >= number)).first() is None:
                self._insert(connection, LATE, rows=[(number, 0)])
            connection.commit()

    def bookmark(self) -> int:
        """Return how far who follows this log said that it came, 0 when nobody did."""
        found = self._value(sa.select(META.c.value).where(META.c.key == "bookmark"))
        return int.from_bytes(found or b"", "big")

    def set_bookmark(self, number: int) -> None:
        """Keep a bookmark."""
        value = number.to_bytes(8, "big")
        with self._failures("keep a bookmark"), self._engine.connect() as connection:
            self._begin(connection)
            kept = sa.update(META).values(value=value).where(META.c.key == "bookmark")
            if connection.execute(kept).rowcount != 1:
                connection.execute(sa.insert(META).values(key="bookmark", value=value))
            connection.commit()

    def save_checkpoint(self, size: int, *, note: str) -> None:
        """Store a signed checkpoint; the signatures on one that is stored already stay, those of `note` join them."""
        known = sa.select(CHECKPOINT.c.note).where(CHECKPOINT.c.size == size)
        with self._failures("store the checkpoint"), self._engine.connect() as connection:
            self._begin(connection)
            stored = connection.execute(known).scalar()
            if stored is None:
                connection.execute(sa.insert(CHECKPOINT).values(size=size, note=note))
            elif (merged := with_signatures(stored, note)) != stored:
                connection.execute(sa.update(CHECKPOINT).where(CHECKPOINT.c.size == size).values(note=merged))
            self._fault("checkpoint")
            connection.commit()
            self._fault("signed")

    def checkpoints(self, *, limit: int) -> list[str]:
        """Return up to `limit` checkpoint notes, the largest first."""
        query = sa.select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(limit)
        return [row[0] for row in self._rows(query)]

    def checkpoint(self, *, size: int | None = None) -> str | None:
        """Return the checkpoint note of this size, or the largest one, or None."""
        query = sa.select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
        if size is not None:
            query = query.where(CHECKPOINT.c.size == size)
        found: str | None = self._value(query)
        return found

    def tile(self, level: int, number: int) -> bytes | None:
        """Return the joined hashes of a tile, or None."""
        query = sa.select(TILE.c.hashes).where(TILE.c.level == level, TILE.c.n == number)
        found: bytes | None = self._value(query)
        return found

    def last_index(self) -> int:
        """Return the highest stored entry index, -1 when there is none."""
        found = self._value(sa.select(sa.func.max(ENTRY.c.idx)))
        return -1 if found is None else int(found)

    def entries(self, start: int, *, stop: int) -> list[bytes]:
        """Return the entries [start, stop) in order; a gap is an `IntegrityError`."""
        query = sa.select(ENTRY.c.idx, ENTRY.c.data).where(ENTRY.c.idx >= start, ENTRY.c.idx < stop)
        rows = self._rows(query.order_by(ENTRY.c.idx))
        if len(rows) != max(stop - start, 0):
            raise IntegrityError(f"the store lacks entries between {start} and {stop}", "restore the ledger")
        return [row[1] for row in rows]

    def bodies(self, start: int, *, stop: int) -> list[StoredBody]:
        """Return what is beside the entries [start, stop), in order."""
        query = sa.select(BODY.c.idx, BODY.c.salt, BODY.c.body, BODY.c.erased_at)
        rows = self._rows(query.where(BODY.c.idx >= start, BODY.c.idx < stop).order_by(BODY.c.idx))
        return [StoredBody(row[0], row[1], row[2], row[3]) for row in rows]

    def governance(self) -> list[int]:
        """Return the indices of all governance records, in order."""
        return [row[0] for row in self._rows(sa.select(GOVERNANCE.c.idx).order_by(GOVERNANCE.c.idx))]

    def seen(self, fact_ids: Sequence[bytes]) -> set[bytes]:
        """Return those of `fact_ids` that are recorded."""
        found: set[bytes] = set()
        for at in range(0, len(fact_ids), 1000):
            part = list(fact_ids[at : at + 1000])
            found.update(row[0] for row in self._rows(sa.select(FACT.c.fact_id).where(FACT.c.fact_id.in_(part))))
        return found

    def newest_fact(self) -> bytes | None:
        """Return the highest fact id recorded."""
        found: bytes | None = self._value(sa.select(FACT.c.fact_id).order_by(FACT.c.fact_id.desc()).limit(1))
        return found

    def index_of(self, fact_id: bytes) -> int | None:
        """Return the index of a fact's envelope, or None."""
        found: int | None = self._value(sa.select(FACT.c.idx).where(FACT.c.fact_id == fact_id))
        return found

    def fact_count(self) -> int:
        """Return how many facts are recorded."""
        return int(self._value(sa.select(sa.func.count()).select_from(FACT)))

    def facts_of_type(self, tag: int) -> int:
        """Return how many facts of this type are recorded."""
        return int(self._value(sa.select(sa.func.count()).select_from(FACT).where(FACT.c.type == tag)))

    def scrub(self) -> None:
        """Overwrite what an erasure left behind; adapters know how."""
        raise NotImplementedError

    def close(self) -> None:
        """Release connections."""
        self._engine.dispose()

    def _note_late(self, connection: sa.Connection, indices: Sequence[int]) -> None:
        """Number these changes of bodies, so that views which follow the log learn of what lies behind them."""
        if indices:
            last = connection.execute(sa.select(sa.func.coalesce(sa.func.max(LATE.c.n), 0))).scalar()
            self._insert(connection, LATE, rows=list(enumerate(indices, int(last or 0) + 1)))

    def _begin(self, connection: sa.Connection) -> None:
        raise NotImplementedError

    def _insert(self, connection: sa.Connection, table: sa.Table, *, rows: Sequence[tuple[Any, ...]]) -> None:
        raise NotImplementedError

    def _upsert_tiles(self, connection: sa.Connection, rows: Sequence[tuple[int, int, bytes]]) -> None:
        raise NotImplementedError

    def _prepare(self) -> None:
        with self._failures("open the ledger"):
            with self._engine.connect() as connection:
                self._begin(connection)
                METADATA.create_all(connection, checkfirst=True)
                if connection.execute(sa.select(META.c.value).where(META.c.key == "format")).first() is None:
                    first = {"key": "head", "value": Head().pack()}
                    connection.execute(sa.insert(META), [{"key": "format", "value": FORMAT}, first])
                if connection.execute(sa.select(META.c.value).where(META.c.key == "mark")).first() is None:
                    connection.execute(sa.insert(META).values(key="mark", value=b""))
                connection.commit()
            found = self._value(sa.select(META.c.value).where(META.c.key == "format"))
        if found != FORMAT:
            raise IntegrityError(f"this is a ledger of another format, {found!r}", "open it with its own version")

    def _value(self, query: sa.Select[Any]) -> Any:
        with self._failures("read the ledger"), self._engine.connect() as connection:
            return connection.execute(query).scalar()

    def _rows(self, query: sa.Select[Any]) -> Sequence[Any]:
        with self._failures("read the ledger"), self._engine.connect() as connection:
            return connection.execute(query).all()

    @contextmanager
    def _failures(self, action: str) -> Iterator[None]:
        try:
            yield
        except sa.exc.IntegrityError as error:
            raise IntegrityError(f"cannot {action}: {error.orig}", "the index of facts contradicts the log") from error
        except sa.exc.DBAPIError as error:
            text = str(error.orig)
            if "malformed" in text or "not a database" in text:
                raise IntegrityError(f"cannot {action}: {text}", "restore the ledger from a copy") from error
            full = "free space on its disk, then " if "full" in text or "No space" in text else ""
            raise UnavailableError(f"cannot {action}: {text}", f"{full}retry with the same batch") from error
