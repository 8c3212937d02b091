"""The fact index in SQLite: every readable fact of the ledger by subject and type, rebuildable at any time.

It holds no truth of its own. It follows the ledger on `catch_up`; when its memory of the ledger does not fit the
ledger any more (another log, or one shorter than it remembers) it starts again from the first leaf.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from cantoria.app.codec import bytes_to_sign, fact_of, signature_of
from cantoria.app.fact_types import BY_TAG
from cantoria.kernel.codec import from_json
from cantoria.kernel.facts import Capacity, Fact, Recorded
from cantoria.kernel.ids import typed_id

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS fact (
  idx INTEGER PRIMARY KEY, tag INTEGER NOT NULL, fact_id BLOB NOT NULL, organisation TEXT NOT NULL,
  capacity INTEGER NOT NULL, claimed_at INTEGER NOT NULL, proven_key TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS fact_by_tag ON fact (tag, idx);
CREATE TABLE IF NOT EXISTS about (
  subject TEXT NOT NULL, tag INTEGER NOT NULL, idx INTEGER NOT NULL, PRIMARY KEY (subject, tag, idx)
) STRICT, WITHOUT ROWID;
"""
CATCH_UP_ROWS: Final = 20_000
SUBJECTS_PER_QUERY: Final = 500


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One fact as the ledger holds it; `body` is None once it is erased."""

    index: int
    tag: int
    fact_id: bytes
    organisation: bytes
    capacity: int
    claimed_at: int
    body: bytes | None


class LedgerReader(Protocol):
    """What the index needs of the ledger."""

    def origin(self) -> str: ...

    def size(self) -> int: ...

    def fact_rows(self, start: int, stop: int) -> Iterator[LedgerRow]: ...

    def erasures(self) -> int:
        """How many bodies were erased so far; when it changes the index drops what it holds of them."""
        ...

    def erased(self) -> Iterator[int]: ...


class SqliteFactIndex:
    """See `cantoria.app.ports.FactIndex`."""

    def __init__(self, path: Path, *, ledger: LedgerReader) -> None:
        self._ledger = ledger
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA temp_store = MEMORY")
        self._db.executescript(SCHEMA)

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Index up to the ledger's size; `progress(done, total)` is called after each step."""
        size = self._ledger.size()
        position = self._position(size)
        while position < size:
            stop = min(position + CATCH_UP_ROWS, size)
            with self._db:
                self._add(self._ledger.fact_rows(position, stop))
                self._put("position", str(stop))
            position = stop
            if progress:
                progress(position, size)
        self._forget_erased()
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
        if memory.get("origin") != self._ledger.origin() or position > size:
            with self._db:
                self._db.execute("DELETE FROM fact")
                self._db.execute("DELETE FROM about")
                self._put("origin", self._ledger.origin())
                self._put("position", "0")
                self._put("erasures", "0")
            return 0
        return position

    def _add(self, rows: Iterable[LedgerRow]) -> None:
        facts: list[tuple[Any, ...]] = []
        about: list[tuple[str, int, int]] = []
        for row in rows:
            if row.body is None or row.tag not in BY_TAG:
                continue
            fact = fact_of(row.tag, row.body)
            organisation = typed_id("party", row.organisation)
            key = _proven_key(fact)
            facts.append((row.index, row.tag, row.fact_id, organisation, row.capacity, row.claimed_at, key, row.body))
            about.extend((subject, row.tag, row.index) for subject in sorted(set(fact.subjects())))
        self._db.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?, ?)", facts)
        self._db.executemany("INSERT INTO about VALUES (?, ?, ?)", about)

    def _forget_erased(self) -> None:
        erasures = self._ledger.erasures()
        row = self._db.execute("SELECT value FROM meta WHERE key = 'erasures'").fetchone()
        if row is not None and int(row[0]) == erasures:
            return
        with self._db:
            for index in self._ledger.erased():
                self._db.execute("DELETE FROM fact WHERE idx = ?", (index,))
                self._db.execute("DELETE FROM about WHERE idx = ?", (index,))
            self._put("erasures", str(erasures))

    def _put(self, key: str, value: str) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


_NAMES: Final = ("idx", "tag", "fact_id", "organisation", "capacity", "claimed_at", "proven_key", "body")
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
        VerifyKey(key).verify(bytes_to_sign(fact), value)
    except (BadSignatureError, ValueError):
        return ""
    return signature.key
