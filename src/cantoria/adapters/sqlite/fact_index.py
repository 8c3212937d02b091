"""The fact index in SQLite: every readable fact of the ledger by subject and type, rebuildable at any time.

It holds no truth of its own. It follows the ledger on `catch_up`, also side by side with other processes; when its
memory does not fit the ledger any more (another log, one shorter or other than it remembers, other fact types) it
starts again from the first leaf. A body that cannot be read as its type has no effect: it is noted and passed over.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.sqlite.failures import failures
from cantoria.app.codec import bytes_to_sign, fact_of, signature_of
from cantoria.app.fact_types import BY_TAG
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.facts import Capacity, Fact, Recorded
from cantoria.kernel.ids import typed_id
from cantoria.ledger import ed25519
from cantoria.ledger.envelope import parse_fact_id, unpack
from cantoria.ledger.facts import BODY_ERASED, read_body_erased
from cantoria.ledger.ports import Sequencer, StoredFact
from cantoria.registry.facts import PartyNamed, RecordingRegistered, WorkRegistered

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fact (
  idx INTEGER PRIMARY KEY, tag INTEGER NOT NULL, fact_id BLOB NOT NULL, organisation TEXT NOT NULL,
  capacity INTEGER NOT NULL, claimed_at INTEGER NOT NULL, proven_key TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS fact_by_tag ON fact (tag, idx);
CREATE INDEX IF NOT EXISTS fact_by_id ON fact (fact_id);
CREATE TABLE IF NOT EXISTS about (
  subject TEXT NOT NULL, tag INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (subject, tag, idx)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unreadable (
  idx INTEGER PRIMARY KEY, fact_id BLOB NOT NULL, reason TEXT NOT NULL) STRICT;
"""
CATCH_UP_ROWS: Final = 20_000
SUBJECTS_PER_QUERY: Final = 500
WAIT_SECONDS: Final = 30


class SqliteFactIndex:
    """See `cantoria.app.ports.FactIndex`."""

    def __init__(self, path: Path, *, ledger: Sequencer) -> None:
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
            self._scrub = False
            with _failures(), self._writing():
                position = self._step(size, fresh or {})
            if self._scrub:
                self._rows("PRAGMA wal_checkpoint(TRUNCATE)", [])
            if progress:
                progress(min(position, size), size)
        return size

    def scan(
        self, *, tags: Iterable[int] | None = None, start: int = 0, size: int | None = None
    ) -> Iterator[Recorded[Any]]:
        """All facts in ledger order, of these tags, from `start` on and below `size`."""
        clause, values = _where(tags, size)
        if start:
            clause, values = f"{clause} AND idx >= ?" if clause else "idx >= ?", [*values, start]
        query = f"SELECT {_COLUMNS} FROM fact {'WHERE ' + clause if clause else ''} ORDER BY idx"  # noqa: S608
        with _failures():
            for row in self._db.execute(query, values):
                yield _recorded(row)

    def about(
        self, subjects: Sequence[str], *, tags: Iterable[int] | None = None, size: int | None = None
    ) -> list[Recorded[Any]]:
        """The facts about any of these subjects, in ledger order, each once."""
        found: dict[int, tuple[Any, ...]] = {}
        clause, values = _where(tags, size, prefix="about.")
        for start in range(0, len(subjects), SUBJECTS_PER_QUERY):
            part = list(subjects[start : start + SUBJECTS_PER_QUERY])
            marks = ", ".join("(?)" for _ in part)
            query = (
                f"WITH wanted(subject) AS (VALUES {marks}) "  # noqa: S608
                f"SELECT {_FACT_COLUMNS} FROM wanted JOIN about USING (subject) JOIN fact ON fact.idx = about.idx "
                f"{'WHERE ' + clause if clause else ''}"
            )
            for row in self._rows(query, [*part, *values]):
                found[row[0]] = row
        return [_recorded(found[index]) for index in sorted(found)]

    def mark(self, *, tags: Iterable[int], size: int) -> tuple[int, int]:
        """How many readable facts of these types there are below `size`, and the highest index among them (or -1)."""
        query = "SELECT count(*), max(idx) FROM fact WHERE tag = ? AND idx < ?"
        found = [self._db.execute(query, (tag, size)).fetchone() for tag in sorted(set(tags))]
        newest = max((index for _, index in found if index is not None), default=-1)
        return sum(count for count, _ in found), newest

    def subjects_of(self, tag: int) -> set[str]:
        """All subjects of readable facts of this type."""
        return {row[0] for row in self._rows("SELECT DISTINCT subject FROM about WHERE tag = ?", [tag])}

    def by_fact_id(self, fact_id: str) -> Recorded[Any] | None:
        """The readable fact of this id (32 hex digits), or None."""
        query = f"SELECT {_COLUMNS} FROM fact WHERE fact_id = ?"  # noqa: S608
        rows = self._rows(query, [bytes.fromhex(fact_id)])
        return _recorded(rows[0]) if rows else None

    def name_of(self, entity: str) -> str:
        """What people call a party, work or recording, with its id; the id alone when no name is on record."""
        for recorded in self.about([entity], tags=_NAMING):
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

    def _position(self) -> int:
        """Return how far the index follows this very ledger; when it followed another one, forget it."""
        memory = dict(self._db.execute("SELECT key, value FROM meta"))
        position = int(memory.get("position", "0"))
        if memory.get("ledger") == self._name() and position and memory.get("last") == self._entry(position):
            return position
        for table in ("fact", "about", "unreadable"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608
        self._put("ledger", self._name())
        self._put("position", "0")
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
        erased: list[bytes] = []
        for one in stored:
            packed = unpack(one.envelope)
            if packed.type_tag == BODY_ERASED.tag and one.body is not None:
                erased.append(parse_fact_id(read_body_erased(one.body).target))
            if one.body is None or packed.type_tag not in BY_TAG:
                continue
            try:
                fact = fresh.get(one.index) or fact_of(packed.type_tag, one.body)
            except InputError as error:
                unreadable.append((one.index, packed.fact_id, error.message))
                continue
            organisation = _party(packed.organisation)
            place = (one.index, packed.type_tag, packed.fact_id, organisation, packed.capacity)
            facts.append((*place, packed.claimed_at, _proven_key(fact), one.body))
            about.extend((subject, packed.type_tag, one.index) for subject in sorted(set(fact.subjects())))
        self._db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)", facts)
        about.sort()
        self._db.executemany("INSERT INTO about VALUES (?, ?, ?)", about)
        self._db.executemany("INSERT INTO unreadable VALUES (?, ?, ?)", unreadable)
        for fact_id in erased:
            found = self._db.execute("SELECT idx FROM fact WHERE fact_id = ?", (fact_id,)).fetchall()
            for (index,) in found:
                self._forget(index)
            self._db.execute("DELETE FROM unreadable WHERE fact_id = ?", (fact_id,))
            self._scrub = True

    def _forget(self, index: int) -> None:
        tag, body = self._db.execute("SELECT tag, body FROM fact WHERE idx = ?", (index,)).fetchone()
        subjects = sorted(set(fact_of(tag, body).subjects()))
        keys = [(subject, tag, index) for subject in subjects]
        self._db.executemany("DELETE FROM about WHERE subject = ? AND tag = ? AND idx = ?", keys)
        self._db.execute("DELETE FROM fact WHERE idx = ?", (index,))

    def _put(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


_NAMES: Final = ("idx", "tag", "fact_id", "organisation", "capacity", "claimed_at", "proven_key", "body")
_NAMING: Final = tuple(cls.TYPE.tag for cls in (PartyNamed, WorkRegistered, RecordingRegistered))
_COLUMNS: Final = ", ".join(_NAMES)
_FACT_COLUMNS: Final = ", ".join(f"fact.{name}" for name in _NAMES)


def _failures() -> AbstractContextManager[None]:
    return failures("the index of facts", remedy="build it again with `cantoria ledger rebuild`")


def _where(tags: Iterable[int] | None, size: int | None, prefix: str = "") -> tuple[str, list[int]]:
    parts, values = [], []
    if tags is not None:
        wanted = sorted(set(tags))
        parts.append(f"{prefix}tag IN ({', '.join('?' for _ in wanted)})")
        values.extend(wanted)
    if size is not None:
        parts.append(f"{prefix}idx < ?")
        values.append(size)
    return " AND ".join(parts), values


def _recorded(row: tuple[Any, ...]) -> Recorded[Any]:
    # The body was decoded strictly when it was indexed, so here a plain parse is enough.
    index, tag, fact_id, organisation, capacity, claimed_at, proven_key, body = row
    fact = from_json(BY_TAG[tag], json.loads(body))
    return Recorded(index, fact_id.hex(), organisation, Capacity(capacity), claimed_at, fact, proven_key)


@lru_cache(maxsize=1000)
def _party(organisation: bytes) -> str:
    return typed_id("party", organisation)


def _proven_key(fact: Fact) -> str:
    """Return the key whose signature over the body is right, else nothing: whose key it is, the folds decide."""
    signature = signature_of(fact)
    if signature is None:
        return ""
    try:
        key, value = bytes.fromhex(signature.key), bytes.fromhex(signature.value)
    except ValueError:
        return ""
    # In its one spelling: folds compare keys as text.
    return key.hex() if ed25519.verify(key, bytes_to_sign(fact), signature=value) else ""
