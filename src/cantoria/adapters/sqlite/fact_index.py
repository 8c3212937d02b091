"""The fact index in SQLite: every readable fact of the ledger by subject and type, rebuildable at any time.

It holds no truth of its own. It follows the ledger on `catch_up`, also side by side with other processes; when its
memory does not fit the ledger any more (another log, one shorter or other than it remembers, other fact types) it
starts again from the first leaf. A body that cannot be read as its type has no effect: it is noted and passed over.

Bodies may come after their envelopes, and be destroyed at any time: the store numbers these late changes. A fact whose
body is awaited has no effect; when it arrives it takes its own place, so that answers as of any size stay right.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.runs import runs
from cantoria.adapters.sqlite.fact_rows import (
    COLUMNS,
    FACT_COLUMNS,
    SCHEMA,
    IndexedLog,
    party_of,
    proven_key_of,
    recorded_fact,
    where_clause,
)
from cantoria.adapters.sqlite.failures import failures
from cantoria.app.codec import fact_of
from cantoria.app.fact_types import BY_TAG
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.facts import Fact, Recorded
from cantoria.ledger.envelope import unpack
from cantoria.ledger.facts import BODY_ERASED
from cantoria.ledger.ports import StoredFact
from cantoria.registry.facts import PartyNamed, RecordingRegistered, WorkRegistered

CATCH_UP_ROWS: Final = 20_000
SUBJECTS_PER_QUERY: Final = 500
WAIT_SECONDS: Final = 30


class SqliteFactIndex:
    """See `cantoria.app.ports.FactIndex`."""

    def __init__(self, path: Path, *, ledger: IndexedLog) -> None:
        self._ledger = ledger
        self._scrub = False
        with _failures():
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
        position = 0
        while position < size:
            with _failures(), self._writing():
                position = self._step(size, fresh or {})
            if progress:
                progress(min(position, size), size)
        changed = size > 0
        while changed:
            self._scrub = False
            with _failures(), self._writing():
                changed = self._turn()
            if self._scrub:
                self._rows("PRAGMA wal_checkpoint(TRUNCATE)", [])
        return size

    def scan(
        self, *, tags: Iterable[int] | None = None, start: int = 0, size: int | None = None
    ) -> Iterator[Recorded[Any]]:
        """All facts in ledger order, of these tags, from `start` on and below `size`."""
        clause, values = where_clause(tags, size)
        if start:
            clause, values = f"{clause} AND idx >= ?" if clause else "idx >= ?", [*values, start]
        query = f"SELECT {COLUMNS} FROM fact {'WHERE ' + clause if clause else ''} ORDER BY idx"  # noqa: S608
        with _failures():
            for row in self._db.execute(query, values):
                yield recorded_fact(row)

    def about(
        self, subjects: Sequence[str], *, tags: Iterable[int] | None = None, size: int | None = None
    ) -> list[Recorded[Any]]:
        """The facts about any of these subjects, in ledger order, each once."""
        found: dict[int, tuple[Any, ...]] = {}
        clause, values = where_clause(tags, size, prefix="about.")
        for start in range(0, len(subjects), SUBJECTS_PER_QUERY):
            part = list(subjects[start : start + SUBJECTS_PER_QUERY])
            marks = ", ".join("(?)" for _ in part)
            query = (
                f"WITH wanted(subject) AS (VALUES {marks}) "  # noqa: S608
                f"SELECT {FACT_COLUMNS} FROM wanted JOIN about USING (subject) JOIN fact ON fact.idx = about.idx "
                f"{'WHERE ' + clause if clause else ''}"
            )
            for row in self._rows(query, [*part, *values]):
                found[row[0]] = row
        return [recorded_fact(found[index]) for index in sorted(found)]

    def leaf_through(self, subject: str, *, tag: int, before: int, limit: int) -> list[Recorded[Any]]:
        """Of the facts of one type about a subject the last `limit` before an index, the newest first."""
        query = (
            f"SELECT {FACT_COLUMNS} FROM about JOIN fact ON fact.idx = about.idx "  # noqa: S608
            "WHERE about.subject = ? AND about.tag = ? AND about.idx < ? ORDER BY about.idx DESC LIMIT ?"
        )
        return [recorded_fact(row) for row in self._rows(query, [subject, tag, before, limit])]

    def tally(self, subject: str, *, tag: int, size: int) -> int:
        """How many facts of one type are about a subject below `size`."""
        query = "SELECT count(*) FROM about WHERE subject = ? AND tag = ? AND idx < ?"
        found: int = self._rows(query, [subject, tag, size])[0][0]
        return found

    def mark(self, *, tags: Iterable[int], size: int) -> tuple[int, int, int]:
        """How many readable facts of these types there are below `size`, the highest index among them (or -1), and how
        often one of these types came in late or was erased."""
        query = (
            "SELECT count(*), max(idx), (SELECT changes FROM turn WHERE tag = ?1) FROM fact WHERE tag = ?1 AND idx < ?2"
        )
        found = [self._db.execute(query, (tag, size)).fetchone() for tag in sorted(set(tags))]
        newest = max((index for _, index, _ in found if index is not None), default=-1)
        return sum(count for count, _, _ in found), newest, sum(turns or 0 for _, _, turns in found)

    def subjects_of(self, tag: int) -> set[str]:
        """All subjects of readable facts of this type."""
        return {row[0] for row in self._rows("SELECT DISTINCT subject FROM about WHERE tag = ?", [tag])}

    def having(self, subjects: Sequence[str]) -> set[str]:
        """Return which of these subjects some fact is about."""
        query = "SELECT value FROM json_each(?) WHERE EXISTS (SELECT 1 FROM about WHERE subject = value)"
        parts = (list(subjects[at : at + CATCH_UP_ROWS]) for at in range(0, len(subjects), CATCH_UP_ROWS))
        return {row[0] for part in parts for row in self._rows(query, [json.dumps(part)])}

    def by_fact_id(self, fact_id: str) -> Recorded[Any] | None:
        """The readable fact of this id (32 hex digits), or None."""
        query = f"SELECT {COLUMNS} FROM fact WHERE fact_id = ?"  # noqa: S608
        rows = self._rows(query, [bytes.fromhex(fact_id)])
        return recorded_fact(rows[0]) if rows else None

    def name_of(self, entity: str) -> str:
        """What people call a party, work or recording, with its id; the id alone when no name is on record."""
        for recorded in self.about([entity], tags=NAMING):
            fact = recorded.fact
            if entity in (getattr(fact, "party", ""), getattr(fact, "work", ""), getattr(fact, "recording", "")):
                return f"{getattr(fact, 'name', '') or fact.title} [{entity}]"
        return entity

    def counts(self) -> dict[str, int]:
        """How many readable facts of each type there are, by type name."""
        rows = self._rows("SELECT tag, count(*) FROM fact GROUP BY tag ORDER BY tag", [])
        return {BY_TAG[tag].TYPE.name: count for tag, count in rows}

    def subjects_like(self, prefix: str, *, limit: int = 50) -> list[str]:
        """Up to `limit` indexed subjects that begin with `prefix`, in byte order."""
        rows = self._rows(
            "SELECT DISTINCT subject FROM about WHERE subject >= ? AND subject < ? ORDER BY subject LIMIT ?",
            [prefix, prefix + "\U0010ffff", limit],
        )
        return [row[0] for row in rows]

    def unreadable(self) -> list[tuple[int, str]]:
        """The facts whose body cannot be read as its type, and why: (index, reason) in ledger order."""
        return self._rows("SELECT idx, reason FROM unreadable ORDER BY idx", [])

    def awaited(self) -> int:
        """How many facts there are whose body is not here yet."""
        count: int = self._rows("SELECT count(*) FROM awaited", [])[0][0]
        return count

    def close(self) -> None:
        self._db.close()

    def _rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        with _failures():
            return self._db.execute(query, values).fetchall()

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


NAMING: Final = tuple(cls.TYPE.tag for cls in (PartyNamed, WorkRegistered, RecordingRegistered))


def _failures() -> AbstractContextManager[None]:
    return failures("the index of facts", remedy="build it again with `cantoria ledger rebuild`")
