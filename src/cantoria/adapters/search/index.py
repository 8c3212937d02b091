"""The index of words, along the ledger: single facts step by step, each batch of rows at once.

It holds no truth of its own. What a fact or a row calls a thing is one document; documents are numbered as they come.
An erased body's document is taken out of every list, and a word that stands nowhere any more out of the dictionary.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from cantoria.adapters.batched_index import BatchedFactIndex
from cantoria.adapters.bulk.index import Batch
from cantoria.adapters.search import postings, terms
from cantoria.adapters.search.documents import Document, Documents
from cantoria.adapters.search.finding import Finder
from cantoria.adapters.search.postings import CLASS_BITS, DOCS_MAX, KEY_SHIFT, PIECE_BITS
from cantoria.adapters.search.terms import Terms
from cantoria.adapters.sqlite.fact_rows import IndexedLog
from cantoria.adapters.sqlite.failures import failures
from cantoria.app.fact_types import BY_TAG
from cantoria.app.ports import Hit
from cantoria.app.search import SEARCHED
from cantoria.kernel.check import require
from cantoria.kernel.errors import IntegrityError, UnavailableError
from cantoria.kernel.facts import Recorded
from cantoria.registry.bulk_facts import BatchTable

STEP_FACTS: Final = 20_000
CHANGES: Final = 20_000
ROWS_AT_ONCE: Final = 262_144
WAIT_SECONDS: Final = 30
TAGS: Final = tuple(sorted(cls.TYPE.tag for cls in SEARCHED))
LAYOUT: Final = 1
_META: Final = "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"


class SqliteSearch:
    """See `cantoria.app.search.Search`. The file is made when it is first asked for."""

    def __init__(self, path: Path, *, index: BatchedFactIndex, ledger: IndexedLog) -> None:
        self._path, self._index, self._ledger = path, index, ledger
        self._db: sqlite3.Connection | None = None
        self._terms: Terms | None = None

    def exists(self) -> bool:
        """Tell whether there is an index already."""
        return self._path.exists()

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Index what the fact index holds; `progress(done, total)` in documents and facts after each step."""
        db = self._open()
        size = self._index.catch_up()
        with _failures():
            if self._is_current(db, size):
                return size
            self._begin(db)
            self._follow_late(db, size)
            position = int(self._get(db, "position"))
            rows = sum(batch.recorded.fact.rows for batch in self._index.bulk.batches)
            total = size + rows
            while position < size:
                position = self._step(db, position, size)
                if progress:
                    progress(position, total)
            done = size
            for batch in self._index.bulk.batches:
                done += self._take_batch(db, batch)
                if progress:
                    progress(done, total)
        return size

    def find(self, text: str, *, limit: int) -> list[Hit]:
        """Up to `limit` hits for words, the best first."""
        db = self._open()
        with _failures():
            documents = Documents(db, self._index)
            return Finder(self._known, documents, Lists(db)).find(text, limit=limit)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            with _failures():
                db = sqlite3.connect(self._path, timeout=WAIT_SECONDS, isolation_level=None)
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = NORMAL")
                db.execute("PRAGMA cache_size = -131072")  # 128 MiB: terms come in no order
                db.execute("PRAGMA secure_delete = ON")  # what is erased here is overwritten, too
                db.executescript(_META + terms.SCHEMA + Documents.SCHEMA)
            self._db, self._terms = db, Terms(db)
        return self._db

    @property
    def _known(self) -> Terms:
        require(self._terms is not None, "the index is open")
        return self._terms  # type: ignore[return-value]

    @contextmanager
    def _writing(self, db: sqlite3.Connection) -> Iterator[None]:
        """One writer at a time, over all processes; all of it or nothing."""
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            self._known.forget_cache()
            raise
        db.execute("COMMIT")

    def _is_current(self, db: sqlite3.Connection, size: int) -> bool:
        """Tell whether there is nothing to be done: who only searches need not wait for whoever writes."""
        memory = dict(db.execute("SELECT key, value FROM meta"))
        position = int(memory.get("position", "0"))
        if not 0 < size <= position or memory.get("ledger") != self._name():
            return False
        taken = {index for (index,) in db.execute("SELECT idx FROM span")}
        rows = [one.recorded for one in self._index.bulk.batches if one.recorded.fact.table is not BatchTable.LINKS]
        return (
            memory.get("last") == self._entry(position)
            and self._ledger.store.last_late_change() <= int(memory.get("late", "0"))
            and all(one.index in taken for one in rows)
        )

    def _begin(self, db: sqlite3.Connection) -> None:
        """Start again where the index was made from another ledger, or from a shorter or other past."""
        with self._writing(db):
            memory = dict(db.execute("SELECT key, value FROM meta"))
            position = int(memory.get("position", "0"))
            same = memory.get("ledger") == self._name() and memory.get("last") == self._entry(position)
            if same:
                return
            self._known.forget_cache()
            for table in ("meta", *terms.TABLES, *Documents.TABLES):
                db.execute(f"DELETE FROM {table}")  # noqa: S608
            self._put(db, "ledger", self._name())
            self._put(db, "position", "0")
            self._put(db, "last", self._entry(0))
            # Read before the facts: whatever changes from here on is looked at again.
            self._put(db, "late", str(self._ledger.store.last_late_change()))

    def _name(self) -> str:
        return f"{LAYOUT} {self._ledger.origin} {','.join(map(str, sorted(BY_TAG)))}"

    def _entry(self, size: int) -> str:
        if size == 0:
            return ""
        try:
            return hashlib.sha256(next(iter(self._ledger.entries(size - 1, stop=size)))).hexdigest()
        except IntegrityError:
            return "gone"

    def _step(self, db: sqlite3.Connection, position: int, size: int) -> int:
        """Index the next facts; return how far the index reaches then."""
        with self._writing(db):
            position = int(self._get(db, "position"))  # another process may have gone on in the meantime
            stop = min(position + STEP_FACTS, size)
            if position < stop:
                self._add(db, self._index.scan(tags=TAGS, start=position, size=stop))
                self._put(db, "position", str(stop))
                self._put(db, "last", self._entry(stop))
        return max(position, stop)

    def _follow_late(self, db: sqlite3.Connection, size: int) -> None:
        """Take out what was erased, take in what came late."""
        changed, erased = True, False
        while changed:
            with self._writing(db):
                changes = self._ledger.store.late_changes(int(self._get(db, "late")), limit=CHANGES)
                changed = bool(changes)
                position = int(self._get(db, "position"))
                for index in sorted({index for _, index in changes if index < position}):
                    erased = self._forget(db, index) or erased
                    self._add(db, self._index.scan(tags=TAGS, start=index, size=index + 1))
                if changes:
                    self._put(db, "late", str(changes[-1][0]))
        if erased:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _add(self, db: sqlite3.Connection, facts: Iterable[Recorded[Any]]) -> None:
        """Take in single facts, each as one document."""
        documents = Documents(db, self._index)
        found = [Document.of(recorded) for recorded in facts]
        if found:
            first = documents.add(found)
            titles, artists = [one.title for one in found], [one.artist for one in found]
            self._write(db, pa.array(titles, pa.string()), pa.array(artists, pa.string()), first=first)

    def _take_batch(self, db: sqlite3.Connection, batch: Batch) -> int:
        """Take in the rows of a batch, unless they are in already; return how many they are."""
        fact = batch.recorded.fact
        if fact.table is BatchTable.LINKS:
            return fact.rows
        with self._writing(db):
            documents = Documents(db, self._index)
            if not documents.has_batch(batch.recorded):
                first = documents.add_batch(batch.recorded)
                columns = batch.shelf.columns()
                for start in range(0, fact.rows, ROWS_AT_ONCE):
                    artists = columns.get("display_artist")
                    named = artists.slice(start, ROWS_AT_ONCE).cast(pa.string()) if artists is not None else None
                    self._write(db, columns["title"].slice(start, ROWS_AT_ONCE), named, first=first + start)
        return fact.rows

    def _write(self, db: sqlite3.Connection, titles: pa.Array, artists: pa.Array | None, *, first: int) -> None:
        if first + len(titles) > DOCS_MAX:
            raise UnavailableError(f"the search index holds at most {DOCS_MAX} titles", "split the house")
        lists = postings.lists_of(titles, artists, first=first, vocabulary=self._known)
        db.executemany(
            "INSERT INTO posting VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET docs = CAST(docs || excluded.docs AS BLOB)",  # || makes it text
            lists,
        )

    def _forget(self, db: sqlite3.Connection, index: int) -> bool:
        """Take the documents of one fact out of the index; tell whether there were any."""
        documents = Documents(db, self._index)
        found = documents.of_fact(index)
        for number, document in found:
            known = self._known
            for text in (document.title, document.artist):
                for term in sorted({term for numbers in known.terms_of(text.split()) for term in numbers}):
                    self._take_out(db, known, term, number)
            documents.remove(number)
        return bool(found)

    def _take_out(self, db: sqlite3.Connection, known: Terms, term: int, number: int) -> None:
        key = term << KEY_SHIFT | number >> (PIECE_BITS - CLASS_BITS)
        row = db.execute("SELECT docs FROM posting WHERE key = ?", (key,)).fetchone()
        if row is not None:
            values = postings.unpack(row[0])
            kept = pa.array([one for one in values.to_pylist() if one >> CLASS_BITS != number], pa.uint32())
            if len(kept):
                db.execute("UPDATE posting SET docs = ? WHERE key = ?", (postings.pack(kept), key))
            else:
                db.execute("DELETE FROM posting WHERE key = ?", (key,))
        if known.weight(term) == 0:
            known.drop(term)

    def _get(self, db: sqlite3.Connection, key: str) -> str:
        found = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(found[0]) if found else "0"

    def _put(self, db: sqlite3.Connection, key: str, value: str) -> None:
        db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


class Lists:
    """The lists of documents in an open database, piece by piece; each is unpacked once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._sizes: dict[int, dict[int, int]] = {}
        self._kept: dict[int, pa.Array] = {}

    def pieces(self, term: int) -> Set[int]:
        """Return in which pieces a term has a list."""
        return self._of(term).keys()

    def size(self, term: int, number: int) -> int:
        """Return how many bytes a term's list in a piece has."""
        return self._of(term).get(number, 0)

    def _of(self, term: int) -> dict[int, int]:
        if term not in self._sizes:
            low, high = term << KEY_SHIFT, (term + 1) << KEY_SHIFT
            rows = self._db.execute("SELECT key, length(docs) FROM posting WHERE key >= ? AND key < ?", (low, high))
            self._sizes[term] = {key - low: size for key, size in rows}
        return self._sizes[term]

    def piece(self, term: int, number: int) -> pa.Array:
        """Return a term's values in one piece."""
        key = term << KEY_SHIFT | number
        if number not in self._of(term):
            return postings.NONE
        if key not in self._kept:
            (packed,) = self._db.execute("SELECT docs FROM posting WHERE key = ?", (key,)).fetchone()
            self._kept[key] = postings.unpack(packed)
        return self._kept[key]


def _failures() -> Any:
    return failures("the search index", remedy="build it again with `cantoria ledger rebuild`")
