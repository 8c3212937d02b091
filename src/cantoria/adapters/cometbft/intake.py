"""The durable queue of what this organisation wants recorded: filled by its commands, drained into its proposals.

An item stays until its block is committed, so it survives any crash; its outcome stays for whoever asks. Items that
were queued together are proposed together where they fit into one block, and in order where they do not.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, Protocol

from cantoria.adapters.cometbft.beside import pack_beside, pack_indices, unpack_beside, unpack_indices
from cantoria.adapters.cometbft.turns import Row, choose
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.batch import HEADER_BYTES, Batch
from cantoria.ledger.governance import read_record
from cantoria.ledger.items import pack_item, unpack_item
from cantoria.ledger.merkle import leaf_hash

OUTCOMES_MAX: Final = 200_000
QUEUED_MAX: Final = 100_000
BROUGHT_MAX: Final = 1000  # items of one author that others may bring here
BROUGHT_BYTES_MAX: Final = 128 * 1024 * 1024  # and their bytes, with their bodies
LOOK_MAX: Final = 4096
FRAME_BYTES: Final = 5  # what CometBFT counts for a transaction beside its own bytes, at most
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=10000",
)
# What is looked at often stands before what is large.
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS item (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, state INTEGER NOT NULL, brought INTEGER NOT NULL,
    grp INTEGER NOT NULL, organisation BLOB NOT NULL, facts INTEGER NOT NULL, bytes INTEGER NOT NULL,
    weight INTEGER NOT NULL, reason TEXT, position INTEGER, place INTEGER, tx BLOB, beside BLOB, erasures BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS waiting ON item (state, organisation, id);
CREATE INDEX IF NOT EXISTS placed ON item (state, place);
CREATE INDEX IF NOT EXISTS room ON item (state, brought, organisation, weight);
"""
_LET_GO: Final = "tx = NULL, beside = NULL, erasures = NULL, weight = 0"
# What the organisation itself queues takes the place of a copy that somebody brought, since only the own one has all
# bodies; but its transaction may stand before others' attestations, which the copy has: that stays.
_INSERT: Final = """
INSERT INTO item (state, brought, grp, key, organisation, facts, bytes, weight, tx, beside, erasures)
VALUES (0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    bytes = iif(state = 0, bytes, excluded.bytes), tx = iif(state = 0, tx, excluded.tx), facts = excluded.facts,
    weight = excluded.weight, beside = excluded.beside, erasures = excluded.erasures, grp = excluded.grp,
    brought = excluded.brought, state = 0, reason = NULL, position = NULL
WHERE state = 2 OR state = 0 AND brought > excluded.brought
"""


class Stage(IntEnum):
    """How far an item has come."""

    QUEUED = 0
    COMMITTED = 1
    REFUSED = 2


@dataclass(frozen=True, slots=True)
class Queued:
    """An item that waits: `group` ties together what was queued together, `item` is a batch without bodies or a
    governance record, `facts` what it counts towards a block's limit."""

    key: bytes
    group: int
    tx: bytes
    item: Batch | bytes
    facts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an item: `place` is the leaf index of its header or record once committed."""

    stage: Stage
    place: int | None = None
    reason: str | None = None
    position: int | None = None


def key_of(item: Batch | bytes) -> bytes:
    """Return by what an item is known: the leaf hash of its header, or of the record."""
    return leaf_hash(item if isinstance(item, bytes) else item.header)


class Queue(Protocol):
    """What a replica asks of its member's intake queue; `Intake` is the durable one."""

    def pending(self, *, facts_max: int, bytes_max: int) -> list[Queued]: ...
    def beside(self, keys: Sequence[bytes]) -> dict[bytes, tuple[list[bytes], list[bytes], list[int]]]: ...
    def commit(self, places: Sequence[tuple[bytes, int]]) -> None: ...
    def refuse(self, refusals: Sequence[tuple[bytes, str, int | None]]) -> None: ...


class Intake:
    """The queue in one SQLite file. Any number of processes may fill it; one drains it."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._began = b""
        with self._failures():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            for pragma in _PRAGMAS:
                self._connection.execute(pragma)
            self._connection.executescript(_SCHEMA)

    def put(self, items: Sequence[Batch | bytes], *, erasures: Sequence[int] = ()) -> list[bytes]:
        """Queue items that belong together, durably; return their keys. What was queued before is not queued again,
        and what was refused before is tried again. `erasures` are the indices whose bodies go when the (one) batch
        that records it is committed."""
        rows = [_row(item, erasures) for item in items]
        with self._transaction() as run:
            query = "SELECT count(*) FROM item WHERE state = 0 AND brought = 0"
            waiting = run.execute(query).fetchone()[0]
            if waiting + len(rows) > QUEUED_MAX:
                raise UnavailableError(f"{waiting} batches wait already", "retry when the chain has taken some in")
            _insert(run, rows, brought=0)
        return [row[0] for row in rows]

    def bring(self, item: Batch | bytes) -> bytes:
        """Queue what another organisation brings here, durably, and return its key; what waits already stays as it
        is. `UnavailableError` where too much of its author waits here already."""
        row = _row(item, ())
        with self._transaction() as run:
            found = run.execute("SELECT state FROM item WHERE key = ?", (row[0],)).fetchone()
            if found is None or found[0] == Stage.REFUSED:
                query = "SELECT count(*), coalesce(sum(weight), 0) FROM item"
                query += " WHERE state = 0 AND brought = 1 AND organisation = ?"
                count, weight = run.execute(query, (row[1],)).fetchone()
                if count >= BROUGHT_MAX or weight + row[4] > BROUGHT_BYTES_MAX:
                    what = f"{count} items ({weight} bytes) of this organisation wait here already"
                    raise UnavailableError(what, "bring the rest to another member, or retry")
                _insert(run, [row], brought=1)
        return row[0]

    def pending(self, *, facts_max: int, bytes_max: int) -> list[Queued]:
        """Return what to propose next: the organisations take turns, each in its own order, within both limits; a
        group that would fit into an empty block is not cut."""
        with self._transaction() as run:
            rows = _look(run)
            chosen, self._began = choose(rows, facts_max=facts_max, bytes_max=bytes_max, after=self._began)
            found = [
                run.execute("SELECT key, grp, tx, facts FROM item WHERE id = ?", (one,)).fetchone() for one in chosen
            ]
        return [Queued(key, group, tx, unpack_item(tx), facts) for key, group, tx, facts in found]

    def beside(self, keys: Sequence[bytes]) -> dict[bytes, tuple[list[bytes], list[bytes], list[int]]]:
        """Return by key the salts and bodies that are to stand beside a batch, and what it erases."""
        with self._transaction() as run:
            found = [
                run.execute(
                    "SELECT key, beside, erasures FROM item WHERE key = ? AND beside IS NOT NULL", (key,)
                ).fetchone()
                for key in keys
            ]
        return {row[0]: (*unpack_beside(row[1]), unpack_indices(row[2])) for row in found if row is not None}

    def commit(self, places: Sequence[tuple[bytes, int]]) -> None:
        """Say that items stand in the log, each (key, leaf index of its header); what was beside them is let go."""
        with self._transaction() as run:
            run.executemany(
                f"UPDATE item SET state = 1, place = ?, reason = NULL, position = NULL, {_LET_GO} WHERE key = ?",  # noqa: S608
                [(place, key) for key, place in places],
            )
            run.execute("DELETE FROM item WHERE state <> 0 AND id <= (SELECT max(id) FROM item) - ?", (OUTCOMES_MAX,))

    def refuse(self, refusals: Sequence[tuple[bytes, str, int | None]]) -> None:
        """Say that items are not admitted, each (key, reason, position); whoever tries again brings all of it."""
        with self._transaction() as run:
            run.executemany(
                f"UPDATE item SET state = 2, reason = ?, position = ?, {_LET_GO} WHERE key = ? AND state = 0",  # noqa: S608
                [(reason, position, key) for key, reason, position in refusals],
            )

    def outcome(self, key: bytes) -> Outcome | None:
        """Return what became of an item, or None when it was never queued here (or long ago)."""
        with self._transaction() as run:
            row = run.execute("SELECT state, place, reason, position FROM item WHERE key = ?", (key,)).fetchone()
        return None if row is None else Outcome(Stage(row[0]), row[1], row[2], row[3])

    def unfinished(self) -> tuple[list[bytes], int]:
        """Return the keys of what this organisation queued and what is not decided, and the highest place in the log
        of what is (-1 when there is none)."""
        with self._transaction() as run:
            rows = run.execute("SELECT key FROM item WHERE state = 0 AND brought = 0 ORDER BY id").fetchall()
            highest: int = run.execute("SELECT coalesce(max(place), -1) FROM item WHERE state = 1").fetchone()[0]
        return [row[0] for row in rows], highest

    def waiting(self) -> int:
        """Return how many items wait."""
        with self._transaction() as run:
            found: int = run.execute("SELECT count(*) FROM item WHERE state = 0").fetchone()[0]
        return found

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._failures():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise UnavailableError(
                f"cannot use the intake queue: {error}", "free space or permit it, then retry"
            ) from error


_New = tuple[bytes, bytes, int, int, int, bytes, bytes | None, bytes]


def _row(item: Batch | bytes, erasures: Sequence[int]) -> _New:
    """Return key, organisation, facts, bytes, weight, transaction, salts and bodies, erasures."""
    tx = pack_item(item)
    if isinstance(item, bytes):
        return key_of(item), _author(item), 1, len(tx), len(tx), tx, None, b""
    if len(item.header) != HEADER_BYTES:
        raise InputError("a batch without a whole header cannot be queued", "seal it again")
    beside = pack_beside(item.salts, item.bodies) if item.bodies else None
    indices = pack_indices(erasures)
    weight = len(tx) + len(beside or b"")
    return key_of(item), item.header[1:17], len(item.envelopes), len(tx), weight, tx, beside, indices


def _insert(run: sqlite3.Connection, rows: Sequence[_New], *, brought: int) -> None:
    """Queue rows as one group."""
    group = run.execute("SELECT coalesce(max(grp), 0) + 1 FROM item").fetchone()[0]
    run.executemany(_INSERT, [(brought, group, *row) for row in rows])


def _author(record: bytes) -> bytes:
    """Return whose turn a governance record takes: its member's; the operator's and unreadable ones are nobody's."""
    try:
        return read_record(record).organisation
    except InputError:
        return b""


def _look(run: sqlite3.Connection) -> list[Row]:
    """Return (id, group, organisation, facts, bytes in a block) of what waits, in order: of each organisation's long
    queue only the part that could be proposed, but no part of a group."""
    columns = f"SELECT id, grp, organisation, facts, bytes + {FRAME_BYTES} FROM item WHERE state = 0"  # noqa: S608
    found: dict[int, Row] = {}
    for (organisation,) in run.execute("SELECT DISTINCT organisation FROM item WHERE state = 0").fetchall():
        query = f"{columns} AND organisation = ? ORDER BY id LIMIT {LOOK_MAX}"
        rows = run.execute(query, (organisation,)).fetchall()
        if len(rows) == LOOK_MAX:
            rows += run.execute(f"{columns} AND grp = ?", (rows[-1][1],)).fetchall()
        found.update((row[0], row) for row in rows)
    return [found[number] for number in sorted(found)]
