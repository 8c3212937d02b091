"""`feed.db`: the revocation feed of a house, who subscribed to it, and the messages that wait to be delivered.

Items are a view of the ledger and can be made again; subscriptions and messages cannot. A place in the feed is the
order in which items were learned of, so that one whose body came late is missed by nobody.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.sqlite.failures import failures
from cantoria.kernel.errors import InputError

ITEMS_PER_MESSAGE: Final = 100
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS item (
  place INTEGER PRIMARY KEY AUTOINCREMENT, idx INTEGER NOT NULL UNIQUE, json TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS late (place INTEGER PRIMARY KEY, size INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS subscription (
  id TEXT PRIMARY KEY, url TEXT NOT NULL, loopback INTEGER NOT NULL, place INTEGER NOT NULL, state TEXT NOT NULL,
  since INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS message (
  id TEXT PRIMARY KEY, subscription TEXT NOT NULL, body BLOB NOT NULL, state TEXT NOT NULL, made_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL, last TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX IF NOT EXISTS message_due ON message (state, due_at);
"""


class State(StrEnum):
    """What became of a subscription (active, ended) or a message (waiting, delivered, dead)."""

    ACTIVE = "active"
    ENDED = "ended"
    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told, at which address; `loopback` allows an address of this machine, `place` is how far it was told."""

    id: str
    url: str
    loopback: bool
    place: int
    state: State


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a subscription: its body, how often it was tried, when it is due, and what went wrong last."""

    id: str
    subscription: str
    body: bytes
    state: State
    made_at: int
    attempts: int
    due_at: int
    last: str


class FeedFile:
    """The file at `path`; any number of threads and processes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        with _failures():
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._connection.close()

    def number(self, key: str) -> int:
        """Return a number that was kept, 0 when there is none."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", key)
        return int(rows[0][0]) if rows else 0

    def take(self, items: Iterable[tuple[int, dict[str, Any]]], *, size: int, turns: int) -> int:
        """Add the items (ledger index, item) that are not there yet, and note how far the ledger was read."""
        with self._transaction() as run:
            newest, read = self.newest(), self.number("size")
            before = run.total_changes
            rows = ((index, json.dumps(one, ensure_ascii=False, sort_keys=True)) for index, one in items)
            run.executemany("INSERT OR IGNORE INTO item (idx, json) VALUES (?, ?)", rows)
            added = run.total_changes - before
            # A body that came late, or another reading: a snapshot of any size up to now may not have heard of it.
            late = "INSERT INTO late SELECT place, ? FROM item WHERE place > ? AND idx < ?"
            run.execute(late, (size, newest, read))
            run.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", [("size", size), ("turns", turns)])
        return added

    def items(self, *, after: int, since: int = 0, limit: int) -> list[tuple[int, dict[str, Any]]]:
        """Return up to `limit` items (place, item) learned of after a place, that a snapshot of size `since` may not
        have heard of: those of a ledger index from `since` on, and those that were learned of late since."""
        known = "idx >= ? OR place IN (SELECT place FROM late WHERE size >= ?)"
        query = f"SELECT place, json FROM item WHERE place > ? AND ({known}) ORDER BY place LIMIT ?"  # noqa: S608
        return [(place, json.loads(text)) for place, text in self._rows(query, after, since, since, limit)]

    def newest(self) -> int:
        """Return the place of the newest item, 0 where there is none."""
        return int(self._rows("SELECT coalesce(max(place), 0) FROM item")[0][0])

    def subscribe(self, name: str, *, url: str, loopback: bool, now: int) -> Subscription:
        """Add a subscription to everything that comes from now on. An address that is subscribed is an `InputError`."""
        with self._transaction() as run:
            if run.execute("SELECT 1 FROM subscription WHERE url = ? AND state = 'active'", (url,)).fetchone():
                raise InputError("this address is subscribed already", "see `cantoria feed list`")
            row = (name, url, int(loopback), self.newest(), State.ACTIVE.value, now)
            run.execute("INSERT INTO subscription VALUES (?, ?, ?, ?, ?, ?)", row)
        return self.subscription(name)

    def subscriptions(self) -> list[Subscription]:
        """Return all subscriptions, oldest first."""
        rows = self._rows("SELECT id, url, loopback, place, state FROM subscription ORDER BY since, id")
        return [_subscription(row) for row in rows]

    def subscription(self, name: str) -> Subscription:
        """Return the subscription of an id, or raise `InputError`."""
        rows = self._rows("SELECT id, url, loopback, place, state FROM subscription WHERE id = ?", name)
        if not rows:
            raise InputError(f"{name!r:.60} is no subscription", "see `cantoria feed list`")
        return _subscription(rows[0])

    def end(self, name: str) -> None:
        """End a subscription; what waits for it is not delivered."""
        self.subscription(name)
        with self._transaction() as run:
            run.execute("UPDATE subscription SET state = ? WHERE id = ?", (State.ENDED.value, name))
            run.execute("DELETE FROM message WHERE subscription = ? AND state = ?", (name, State.WAITING.value))

    def next_items(self, subscription: Subscription) -> list[tuple[int, dict[str, Any]]]:
        """Return what a subscription is to be told next."""
        return self.items(after=subscription.place, limit=ITEMS_PER_MESSAGE)

    def queue(self, name: str, *, subscription: Subscription, body: bytes, place: int, now: int) -> None:
        """Keep a message to a subscription, which has then been told up to `place`."""
        with self._transaction() as run:
            told = run.execute(
                "UPDATE subscription SET place = ? WHERE id = ? AND place = ? AND state = 'active'",
                (place, subscription.id, subscription.place),
            )
            if told.rowcount == 1:  # else another process queued it
                row = (name, subscription.id, body, State.WAITING.value, now, now)
                run.execute(
                    "INSERT INTO message (id, subscription, body, state, made_at, due_at) VALUES (?, ?, ?, ?, ?, ?)",
                    row,
                )

    def claim(self, *, now: int, until: int) -> Message | None:
        """Return the message that is due first, and keep it from others until a moment."""
        with self._transaction() as run:
            row = run.execute(
                f"SELECT {_COLUMNS} FROM message WHERE state = 'waiting' AND due_at <= ? "  # noqa: S608
                "ORDER BY due_at, made_at LIMIT 1",
                (now,),
            ).fetchone()
            if row is None:
                return None
            run.execute("UPDATE message SET due_at = ? WHERE id = ?", (until, row[0]))
            return _message(row)

    def settle(self, message: Message, *, state: State, due_at: int, last: str) -> None:
        """Note how a try to deliver a message went."""
        with self._transaction() as run:
            run.execute(
                "UPDATE message SET state = ?, attempts = attempts + 1, due_at = ?, last = ? WHERE id = ?",
                (state.value, due_at, last[:300], message.id),
            )

    def messages(self, *, states: Sequence[State]) -> list[Message]:
        """Return the messages in one of these states, oldest first."""
        marks = ", ".join("?" * len(states))
        query = f"SELECT {_COLUMNS} FROM message WHERE state IN ({marks}) ORDER BY made_at, id"  # noqa: S608
        return [_message(row) for row in self._rows(query, *(state.value for state in states))]

    def retry(self, name: str, *, now: int) -> None:
        """Let a dead message be tried anew; `InputError` where there is none of this id."""
        with self._transaction() as run:
            done = run.execute(
                "UPDATE message SET state = 'waiting', attempts = 0, due_at = ? WHERE id = ? AND state = 'dead'",
                (now, name),
            )
            if done.rowcount != 1:
                raise InputError(f"{name!r:.60} is no dead message", "see `cantoria feed list`")

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock, _failures():
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, _failures():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


_COLUMNS: Final = "id, subscription, body, state, made_at, attempts, due_at, last"


def _failures() -> Any:
    return failures("feed.db", remedy="restore it from a copy: subscriptions stand in it")


def _subscription(row: Any) -> Subscription:
    name, url, loopback, place, state = row
    return Subscription(name, url, bool(loopback), place, State(state))


def _message(row: Any) -> Message:
    name, subscription, body, state, *numbers = row
    return Message(name, subscription, body, State(state), *numbers)
