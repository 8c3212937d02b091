"""The fact index in SQLite: every readable fact of the ledger by subject and type, rebuildable at any time.

It holds no truth of its own. It follows the ledger on `catch_up`; when its memory of the ledger does not fit the
ledger any more (another log, or one shorter than it remembers) it starts again from the first leaf.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from cantoria.app.codec import bytes_to_sign, fact_of, signature_of
from cantoria.app.fact_types import BY_TAG
from cantoria.kernel.codec import from_json
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
"""
CATCH_UP_ROWS: Final = 20_000
SUBJECTS_PER_QUERY: Final = 500


class SqliteFactIndex:
    """See `cantoria.app.ports.FactIndex`."""

    def __init__(self, path: Path, *, ledger: Sequencer) -> None:
        self._ledger = ledger
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA temp_store = MEMORY")
        self._db.executescript(SCHEMA)

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Index up to the ledger's size; `progress(done, total)` is called after each step."""
        size = self._ledger.size
        position = self._position(size)
        while position < size:
            stop = min(position + CATCH_UP_ROWS, size)
            with self._db:
                self._add(self._ledger.facts(position, stop=stop))
                self._put("position", str(stop))
            position = stop
            if progress:
                progress(position, size)
        return size

    def scan(self, *, tags: Iterable[int] | None = None, size: int | None = None) -> Iterator[Recorded[Any]]:
        """All facts in ledger order, of these tags, below `size`."""
        clause, values = _where(tags, size)
        query = f"SELECT {_COLUMNS} FROM fact {'WHERE ' + clause if clause else ''} ORDER BY idx"  # noqa: S608
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
            for row in self._db.execute(query, [*part, *values]):
                found[row[0]] = row
        return [_recorded(found[index]) for index in sorted(found)]

    def by_fact_id(self, fact_id: str) -> Recorded[Any] | None:
        """The readable fact of this id (32 hex digits), or None."""
        query = f"SELECT {_COLUMNS} FROM fact WHERE fact_id = ?"  # noqa: S608
        row = self._db.execute(query, (bytes.fromhex(fact_id),)).fetchone()
        return _recorded(row) if row else None

    def name_of(self, entity: str) -> str:
        """What people call a party, work or recording, with its id; the id alone when no name is on record."""
        for recorded in self.about([entity], tags=_NAMING):
            fact = recorded.fact
            if entity in (getattr(fact, "party", ""), getattr(fact, "work", ""), getattr(fact, "recording", "")):
                return f"{getattr(fact, 'name', '') or fact.title} [{entity}]"
        return entity

    def counts(self) -> dict[str, int]:
        """How many readable facts of each type there are, by type name."""
        rows = self._db.execute("SELECT tag, count(*) FROM fact GROUP BY tag ORDER BY tag")
        return {BY_TAG[tag].TYPE.name: count for tag, count in rows}

    def subjects_like(self, prefix: str, *, limit: int = 50) -> list[str]:
        """Up to `limit` indexed subjects that begin with `prefix`, in byte order."""
        rows = self._db.execute(
            "SELECT DISTINCT subject FROM about WHERE subject >= ? AND subject < ? ORDER BY subject LIMIT ?",
            (prefix, prefix + "\U0010ffff", limit),
        )
        return [row[0] for row in rows]

    def close(self) -> None:
        self._db.close()

    def _position(self, size: int) -> int:
        memory = dict(self._db.execute("SELECT key, value FROM meta"))
        position = int(memory.get("position", "0"))
        if memory.get("origin") != self._ledger.origin or position > size:
            with self._db:
                self._db.execute("DELETE FROM fact")
                self._db.execute("DELETE FROM about")
                self._put("origin", self._ledger.origin)
                self._put("position", "0")
            return 0
        return position

    def _add(self, stored: Iterable[StoredFact]) -> None:
        facts: list[tuple[Any, ...]] = []
        about: list[tuple[str, int, int]] = []
        erased: list[bytes] = []
        for one in stored:
            packed = unpack(one.envelope)
            if packed.type_tag == BODY_ERASED.tag and one.body is not None:
                erased.append(parse_fact_id(read_body_erased(one.body).target))
            if one.body is None or packed.type_tag not in BY_TAG:
                continue
            fact = fact_of(packed.type_tag, one.body)
            organisation = typed_id("party", packed.organisation)
            place = (one.index, packed.type_tag, packed.fact_id, organisation, packed.capacity)
            facts.append((*place, packed.claimed_at, _proven_key(fact), one.body))
            about.extend((subject, packed.type_tag, one.index) for subject in sorted(set(fact.subjects())))
        self._db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)", facts)
        self._db.executemany("INSERT INTO about VALUES (?, ?, ?)", about)
        for fact_id in erased:
            found = self._db.execute("SELECT idx FROM fact WHERE fact_id = ?", (fact_id,)).fetchall()
            for (index,) in found:
                self._forget(index)

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


def _proven_key(fact: Fact) -> str:
    """Return the key whose signature over the body is right, else nothing: whose key it is, the folds decide."""
    signature = signature_of(fact)
    if signature is None:
        return ""
    try:
        key, value = bytes.fromhex(signature.key), bytes.fromhex(signature.value)
    except ValueError:
        return ""
    return signature.key if ed25519.verify(key, bytes_to_sign(fact), signature=value) else ""
