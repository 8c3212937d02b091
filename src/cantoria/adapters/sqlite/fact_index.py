"""The fact index in SQLite: every readable fact of the ledger by subject and type, rebuildable at any time.

It holds no truth of its own. It follows the ledger on `catch_up`, also side by side with other processes; when its
memory does not fit the ledger any more (another log, one shorter or other than it remembers, other fact types) it
starts again from the first leaf. A body that cannot be read as its type has no effect: it is noted and passed over.

Bodies may come after their envelopes, and be destroyed at any time: the store numbers these late changes. A fact whose
body is awaited has no effect; when it arrives it takes its own place, so that answers as of any size stay right.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.runs import runs
from cantoria.adapters.sqlite.fact_reader import FactReader, index_failures
from cantoria.adapters.sqlite.fact_rows import (
    SCHEMA,
    IndexedLog,
    party_of,
    proven_key_of,
)
from cantoria.app.codec import fact_of
from cantoria.app.fact_types import BY_TAG
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.facts import Fact
from cantoria.ledger.envelope import unpack
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.ports import StoredFact

CATCH_UP_ROWS: Final = 20_000
SUBJECTS_PER_QUERY: Final = 500
WAIT_SECONDS: Final = 30


class SqliteFactIndex(FactReader):
    """See `cantoria.app.ports.FactIndex`."""

    def __init__(self, path: Path, *, ledger: IndexedLog) -> None:
        self._ledger = ledger
        self._scrub = False
        with index_failures():
            self._db = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.execute("PRAGMA temp_store = MEMORY")
            self._db.execute("PRAGMA cache_size = -131072")  # 128 MiB: subjects come in no order
            self._db.execute("PRAGMA secure_delete = ON")  # what is erased here is overwritten, too
            self._db.executescript(SCHEMA)

    def catch_up(
        self, progress: Callable[[int, int], None] | None = None, *, fresh: Mapping[int, Fact] | None = None
    ) -> int:
        """Index up to the ledger's size; `progress(done, total)` is called after each step."""
        size = self._ledger.size
        if self._is_current(size):
            return size
        position = 0
        while position < size:
            with index_failures(), self._writing():
                position = self._step(size, fresh or {})
            if progress:
                progress(min(position, size), size)
        changed = size > 0
        while changed:
            self._scrub = False
            with index_failures(), self._writing():
                changed = self._turn()
            if self._scrub:
                self._rows("PRAGMA wal_checkpoint(TRUNCATE)", [])
        return size

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time, over all processes; all of it or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _is_current(self, size: int) -> bool:
        """Tell whether there is nothing to be done: who only reads need not wait for whoever writes."""
        with index_failures():
            memory = dict(self._db.execute("SELECT key, value FROM meta"))
            position = int(memory.get("position", "0"))
            return (
                0 < size <= position
                and memory.get("ledger") == self._name()
                and memory.get("last") == self._entry(position)
                and self._ledger.store.last_late_change() <= int(memory.get("late", "0"))
            )

    def _step(self, size: int, fresh: Mapping[int, Fact]) -> int:
        """Index the next rows below `size`; return how far the index reaches then.

        Where it stands is read anew each time: another process may have gone on in the meantime.
        """
        position = self._position()
        stop = min(position + CATCH_UP_ROWS, size)
        if position < stop:
            self._add(self._ledger.facts(position, stop=stop), fresh)
            self._put("position", str(stop))
            self._put("last", self._entry(stop))
        return max(position, stop)

    def _turn(self) -> bool:
        """Take in the next bodies that came in late or were destroyed; tell whether there may be more."""
        done = int(self._get("late"))
        changes = self._ledger.store.late_changes(done, limit=CATCH_UP_ROWS)
        if not changes:
            return False
        position = int(self._get("position"))
        turned: Counter[int] = Counter()
        for start, stop in runs(index for _, index in changes if index < position):
            found = list(self._ledger.facts(start, stop=stop))
            for one in found:
                self._forget(one.index)
                turned[unpack(one.envelope).type_tag] += 1
                self._scrub = self._scrub or one.erased
            self._add(found, {})
        self._db.executemany(
            "INSERT INTO turn VALUES (?, ?) ON CONFLICT (tag) DO UPDATE SET changes = changes + excluded.changes",
            sorted(turned.items()),
        )
        self._put("late", str(changes[-1][0]))
        return True

    def _position(self) -> int:
        """Return how far the index follows this very ledger; when it followed another one, forget it."""
        memory = dict(self._db.execute("SELECT key, value FROM meta"))
        position = int(memory.get("position", "0"))
        if memory.get("ledger") == self._name() and position and memory.get("last") == self._entry(position):
            return position
        for table in ("fact", "about", "unreadable", "awaited", "turn"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608
        self._put("ledger", self._name())
        self._put("position", "0")
        # Read before the facts: whatever changes from here on is looked at again.
        self._put("late", str(self._ledger.store.last_late_change()))
        return 0

    def _name(self) -> str:
        """Return what the index was made from: the log, and the fact types known to whoever made it."""
        return f"{self._ledger.origin} {','.join(map(str, sorted(BY_TAG)))}"

    def _entry(self, size: int) -> str:
        """Return the digest of the last of the first `size` entries, empty when there are fewer.

        The ledger is asked, not its size: the engine of this process may not have noticed yet how far it has grown.
        """
        try:
            return hashlib.sha256(next(iter(self._ledger.entries(size - 1, stop=size)))).hexdigest()
        except IntegrityError:
            return ""

    def _add(self, stored: Iterable[StoredFact], fresh: Mapping[int, Fact]) -> None:
        facts: list[tuple[Any, ...]] = []
        about: list[tuple[str, int, int]] = []
        unreadable: list[tuple[int, bytes, str]] = []
        awaited: list[tuple[int]] = []
        for one in stored:
            packed = unpack(one.envelope)
            if one.body is None and not one.erased:
                awaited.append((one.index,))
            if one.body is None or packed.type_tag == BODY_ERASED.tag:
                continue
            try:
                fact = fresh.get(one.index) or fact_of(packed.type_tag, one.body)
            except InputError as error:
                unreadable.append((one.index, packed.fact_id, error.message))
                continue
            organisation = party_of(packed.organisation)
            place = (one.index, packed.type_tag, packed.fact_id, organisation, packed.capacity)
            facts.append((*place, packed.claimed_at, proven_key_of(fact), one.body))
            about.extend((subject, packed.type_tag, one.index) for subject in sorted(set(fact.subjects())))
        self._db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)", facts)
        about.sort()
        self._db.executemany("INSERT INTO about VALUES (?, ?, ?)", about)
        self._db.executemany("INSERT INTO unreadable VALUES (?, ?, ?)", unreadable)
        self._db.executemany("INSERT INTO awaited VALUES (?)", awaited)

    def _forget(self, index: int) -> None:
        """Remove all that is known of one fact."""
        found = self._db.execute("SELECT tag, body FROM fact WHERE idx = ?", (index,)).fetchone()
        if found is not None:
            tag, body = found
            keys = [(subject, tag, index) for subject in sorted(set(fact_of(tag, body).subjects()))]
            self._db.executemany("DELETE FROM about WHERE subject = ? AND tag = ? AND idx = ?", keys)
        for table in ("fact", "unreadable", "awaited"):
            self._db.execute(f"DELETE FROM {table} WHERE idx = ?", (index,))  # noqa: S608

    def _get(self, key: str) -> str:
        found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else "0"

    def _put(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))
