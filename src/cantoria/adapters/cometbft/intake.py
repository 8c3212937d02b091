"""The durable queue of what this organisation wants recorded: filled by its commands, drained into its proposals.

An item stays until its block is committed, so it survives any crash; its outcome stays for whoever asks. Items that
were queued together are proposed together where they fit into one block, and in order where they do not.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Final, Protocol

from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.batch import HEADER_BYTES, Batch
from cantoria.ledger.governance import read_record
from cantoria.ledger.items import pack_item, unpack_item
from cantoria.ledger.merkle import leaf_hash

OUTCOMES_MAX: Final = 200_000
QUEUED_MAX: Final = 100_000
LOOK_MAX: Final = 4096
FRAME_BYTES: Final = 5  # what CometBFT counts for a transaction beside its own bytes, at most
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA busy_timeout=10000",
)
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS item (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, grp INTEGER NOT NULL, organisation BLOB NOT NULL,
    facts INTEGER NOT NULL, bytes INTEGER NOT NULL, tx BLOB, beside BLOB, erasures BLOB,
    state INTEGER NOT NULL, reason TEXT, position INTEGER, place INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS waiting ON item (state, organisation, id);
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
            waiting = run.execute("SELECT count(*) FROM item WHERE state = 0").fetchone()[0]
            if waiting + len(rows) > QUEUED_MAX:
                raise UnavailableError(f"{waiting} batches wait already", "retry when the chain has taken some in")
            group = run.execute("SELECT coalesce(max(grp), 0) + 1 FROM item").fetchone()[0]
            run.executemany(
                "INSERT INTO item (key, grp, organisation, facts, bytes, tx, beside, erasures, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (key) DO UPDATE SET state = 0, reason = NULL,"
                " position = NULL, grp = excluded.grp, tx = excluded.tx, beside = excluded.beside,"
                " erasures = excluded.erasures WHERE state = 2",
                [(row[0], group, *row[1:]) for row in rows],
            )
        return [row[0] for row in rows]

    def pending(self, *, facts_max: int, bytes_max: int) -> list[Queued]:
        """Return what to propose next: the organisations take turns, each in its own order, within both limits; a
        group that would fit into an empty block is not cut."""
        with self._transaction() as run:
            rows = _look(run)
            chosen = _choose(rows, facts_max=facts_max, bytes_max=bytes_max)
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
        return {row[0]: (*_unpack_beside(row[1]), _unpack_indices(row[2])) for row in found if row is not None}

    def commit(self, places: Sequence[tuple[bytes, int]]) -> None:
        """Say that items stand in the log, each (key, leaf index of its header); what was beside them is let go."""
        with self._transaction() as run:
            run.executemany(
                "UPDATE item SET state = 1, place = ?, tx = NULL, beside = NULL, erasures = NULL, reason = NULL,"
                " position = NULL WHERE key = ?",
                [(place, key) for key, place in places],
            )
            run.execute("DELETE FROM item WHERE state <> 0 AND id <= (SELECT max(id) FROM item) - ?", (OUTCOMES_MAX,))

    def refuse(self, refusals: Sequence[tuple[bytes, str, int | None]]) -> None:
        """Say that items are not admitted, each (key, reason, position)."""
        with self._transaction() as run:
            run.executemany(
                "UPDATE item SET state = 2, reason = ?, position = ? WHERE key = ? AND state = 0",
                [(reason, position, key) for key, reason, position in refusals],
            )

    def outcome(self, key: bytes) -> Outcome | None:
        """Return what became of an item, or None when it was never queued here (or long ago)."""
        with self._transaction() as run:
            row = run.execute("SELECT state, place, reason, position FROM item WHERE key = ?", (key,)).fetchone()
        return None if row is None else Outcome(Stage(row[0]), row[1], row[2], row[3])

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


def _row(item: Batch | bytes, erasures: Sequence[int]) -> tuple[bytes, bytes, int, int, bytes, bytes | None, bytes]:
    tx = pack_item(item)
    if isinstance(item, bytes):
        return key_of(item), _author(item), 1, len(tx), tx, None, b""
    if len(item.header) != HEADER_BYTES:
        raise InputError("a batch without a whole header cannot be queued", "seal it again")
    beside = _pack_beside(item.salts, item.bodies) if item.bodies else None
    indices = b"".join(one.to_bytes(8, "big") for one in erasures)
    return key_of(item), item.header[1:17], len(item.envelopes), len(tx), tx, beside, indices


def _author(record: bytes) -> bytes:
    """Return whose turn a governance record takes: its member's; the operator's and unreadable ones are nobody's."""
    try:
        return read_record(record).organisation
    except InputError:
        return b""


_Row = tuple[int, int, bytes, int, int]


def _look(run: sqlite3.Connection) -> list[_Row]:
    """Return (id, group, organisation, facts, bytes in a block) of what waits, in order: of each organisation's long
    queue only the part that could be proposed, but no part of a group."""
    columns = f"SELECT id, grp, organisation, facts, bytes + {FRAME_BYTES} FROM item WHERE state = 0"  # noqa: S608
    found: dict[int, _Row] = {}
    for (organisation,) in run.execute("SELECT DISTINCT organisation FROM item WHERE state = 0").fetchall():
        query = f"{columns} AND organisation = ? ORDER BY id LIMIT {LOOK_MAX}"
        rows = run.execute(query, (organisation,)).fetchall()
        if len(rows) == LOOK_MAX:
            rows += run.execute(f"{columns} AND grp = ?", (rows[-1][1],)).fetchall()
        found.update((row[0], row) for row in rows)
    return [found[number] for number in sorted(found)]


def _choose(rows: Sequence[_Row], *, facts_max: int, bytes_max: int) -> list[int]:
    """Return the ids to propose: organisations take turns, group by group, while the block has room."""
    groups: dict[int, list[tuple[int, int, int]]] = {}
    queues: dict[bytes, list[int]] = {}
    for number, group, organisation, facts, size in rows:
        if group not in groups:
            groups[group] = []
            queues.setdefault(organisation, []).append(group)
        groups[group].append((number, facts, size))
    chosen: list[int] = []
    facts_left, bytes_left = facts_max, bytes_max
    turns = deque(queues[organisation] for organisation in sorted(queues))
    while turns:
        queue = turns.popleft()
        group_rows = groups[queue.pop(0)]
        facts, size = sum(one[1] for one in group_rows), sum(one[2] for one in group_rows)
        if facts <= facts_max and size <= bytes_max and (facts > facts_left or size > bytes_left):
            continue  # whole in the next block; what this organisation queued later waits behind it
        taken = _fitting(group_rows, facts_left, bytes_left)
        chosen += [number for number, _, _ in taken]
        facts_left -= sum(one[1] for one in taken)
        bytes_left -= sum(one[2] for one in taken)
        if queue and len(taken) == len(group_rows):
            turns.append(queue)
    return chosen


def _fitting(rows: Sequence[tuple[int, int, int]], facts_left: int, bytes_left: int) -> list[tuple[int, int, int]]:
    taken = []
    for row in rows:
        facts_left, bytes_left = facts_left - row[1], bytes_left - row[2]
        if facts_left < 0 or bytes_left < 0:
            break
        taken.append(row)
    return taken


def _pack_beside(salts: Sequence[bytes], bodies: Sequence[bytes]) -> bytes:
    parts = []
    for salt, body in zip(salts, bodies, strict=True):
        parts += [salt, len(body).to_bytes(4, "big"), body]
    return b"".join(parts)


def _unpack_beside(data: bytes) -> tuple[list[bytes], list[bytes]]:
    salts, bodies = [], []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at + 32 : at + 36], "big")
        salts.append(data[at : at + 32])
        bodies.append(data[at + 36 : at + 36 + length])
        at += 36 + length
    return salts, bodies


def _unpack_indices(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 8], "big") for at in range(0, len(data), 8)]
