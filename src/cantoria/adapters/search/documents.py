"""What the index of words points at: a title or name that a fact gives a thing, or a row of a batch."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.adapters.batched_index import BatchedFactIndex
from cantoria.adapters.bulk.index import Batch
from cantoria.app.ports import Hit
from cantoria.app.search import first_code, kind_of
from cantoria.kernel.facts import Recorded
from cantoria.registry.bulk_facts import BatchRegistered
from cantoria.registry.facts import PartyNamed


@dataclass(frozen=True, slots=True)
class Document:
    """A thing, and what a fact at ledger `index` calls it."""

    index: int
    entity: str
    title: str
    artist: str

    @staticmethod
    def of(recorded: Recorded[Any]) -> Document:
        """Return the document that a fact makes."""
        fact = recorded.fact
        title = fact.name if isinstance(fact, PartyNamed) else fact.title
        return Document(recorded.index, fact.subjects()[0], title, getattr(fact, "display_artist", ""))


class Documents:
    """The documents in an open database; those of batches are read from the batches."""

    SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS doc (
  id INTEGER PRIMARY KEY, idx INTEGER NOT NULL, entity TEXT NOT NULL, title TEXT NOT NULL, artist TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS doc_by_fact ON doc (idx);
CREATE TABLE IF NOT EXISTS span (first INTEGER PRIMARY KEY, rows INTEGER NOT NULL, idx INTEGER NOT NULL UNIQUE) STRICT;
"""
    TABLES: Final = ("doc", "span")

    def __init__(self, db: sqlite3.Connection, index: BatchedFactIndex) -> None:
        self._db, self._index = db, index
        self._spans: list[tuple[int, int, int]] | None = None
        self._batches: dict[int, Batch] = {}

    def add(self, documents: Sequence[Document]) -> int:
        """Number documents; return the first number."""
        first = self._next()
        rows = [(first + n, d.index, d.entity, d.title, d.artist) for n, d in enumerate(documents)]
        self._db.executemany("INSERT INTO doc VALUES (?, ?, ?, ?, ?)", rows)
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('next', ?)", (str(first + len(rows)),))
        return first

    def add_batch(self, recorded: Recorded[BatchRegistered]) -> int:
        """Number the rows of a batch; return the first number."""
        first = self._next()
        rows = recorded.fact.rows
        self._db.execute("INSERT INTO span VALUES (?, ?, ?)", (first, rows, recorded.index))
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('next', ?)", (str(first + rows),))
        return first

    def has_batch(self, recorded: Recorded[BatchRegistered]) -> bool:
        """Tell whether the rows of a batch are numbered."""
        return self._db.execute("SELECT 1 FROM span WHERE idx = ?", (recorded.index,)).fetchone() is not None

    def of_fact(self, index: int) -> list[tuple[int, Document]]:
        """Return the documents that the fact at a ledger index made, with their numbers."""
        rows = self._db.execute("SELECT id, idx, entity, title, artist FROM doc WHERE idx = ?", (index,)).fetchall()
        return [(row[0], Document(*row[1:])) for row in rows]

    def remove(self, number: int) -> None:
        """Remove a document; its number is not used again."""
        self._db.execute("DELETE FROM doc WHERE id = ?", (number,))

    def texts(self, numbers: Collection[int]) -> list[tuple[int, str, str]]:
        """Return title and artist of documents, each with its number, in order of the numbers."""
        found: list[tuple[int, str, str]] = []
        for number in sorted(numbers):
            place = self._place(number)
            if place is None:
                row = self._db.execute("SELECT title, artist FROM doc WHERE id = ?", (number,)).fetchone()
                if row is not None:
                    found.append((number, row[0], row[1]))
                continue
            batch, row_number = place
            columns = batch.shelf.columns()
            artist = columns["display_artist"][row_number].as_py() if "display_artist" in columns else ""
            found.append((number, columns["title"][row_number].as_py(), artist))
        return found

    def hit(self, number: int, *, score: int) -> Hit:
        """Return a document as a hit."""
        place = self._place(number)
        if place is None:
            entity, title, artist = self._db.execute(
                "SELECT entity, title, artist FROM doc WHERE id = ?", (number,)
            ).fetchone()
            code = first_code(self._index.about, entity)
            return Hit(kind=kind_of(entity), id=entity, title=title, artist=artist, code=code, score=score)
        batch, row_number = place
        row: Any = batch.shelf.row(row_number)
        return Hit(
            kind=kind_of(row.id),
            id=row.id,
            title=row.title,
            artist=row.display_artist,
            code=row.codes[0] if row.codes else "",
            score=score,
        )

    def _place(self, number: int) -> tuple[Batch, int] | None:
        """Return the batch and row that a document is, None when it is a single fact's."""
        if self._spans is None:
            self._spans = self._db.execute("SELECT first, rows, idx FROM span ORDER BY first").fetchall()
            self._batches = {batch.recorded.index: batch for batch in self._index.bulk.batches}
        place = bisect_right(self._spans, number, key=lambda span: span[0]) - 1
        if place < 0:
            return None
        first, rows, index = self._spans[place]
        batch = self._batches.get(index)
        return (batch, number - first) if batch is not None and number - first < rows else None

    def _next(self) -> int:
        row = self._db.execute("SELECT value FROM meta WHERE key = 'next'").fetchone()
        return int(row[0]) if row else 0
