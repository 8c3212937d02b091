"""The terms of the index: numbered as they come, found by text, by beginning, with a typing error, or romanised."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final
from zlib import crc32

from rapidfuzz.distance import OSA

from cantoria.adapters.search.postings import KEY_SHIFT
from cantoria.app.search_text import GRAM, deletes, letters, romanised, sound, terms, typable

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS term (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS term_by_text ON term (text);
CREATE TABLE IF NOT EXISTS typo (hash INTEGER NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (hash, term)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias (text TEXT NOT NULL, term INTEGER NOT NULL, PRIMARY KEY (text, term)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS posting (key INTEGER PRIMARY KEY, docs BLOB NOT NULL) STRICT;
"""
TABLES: Final = ("term", "typo", "alias", "posting")
CACHED_MAX: Final = 400_000
PREFIX_TERMS_MAX: Final = 200


class Terms:
    """The terms in an open database. Within a transaction `terms_of` adds those that are new."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._cache: dict[str, list[int]] = {}
        self._typos: list[tuple[int, int]] = []
        self._aliases: list[tuple[str, int]] = []

    def terms_of(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the numbers of the terms of each text."""
        cache = self._cache
        if len(cache) > CACHED_MAX:
            cache.clear()
        found = []
        for text in texts:
            numbers = cache.get(text)
            if numbers is None:
                numbers = cache[text] = [self._number(term) for term in terms(text)]
            found.append(numbers)
        self._flush()
        return found

    def forget_cache(self) -> None:
        """Forget what was looked up: the transaction that numbered it is undone."""
        self._cache.clear()
        self._typos.clear()
        self._aliases.clear()

    def id_of(self, text: str) -> int | None:
        """Return the number of a term."""
        row = self._db.execute("SELECT id FROM term WHERE text = ?", (text,)).fetchone()
        return row[0] if row else None

    def text_of(self, term: int) -> str:
        """Return the text of a term."""
        row = self._db.execute("SELECT text FROM term WHERE id = ?", (term,)).fetchone()
        return row[0] if row else ""

    def beginning_with(self, text: str) -> list[int]:
        """Return words that begin with a text, the most frequent first."""
        rows = self._db.execute(
            "SELECT id, text FROM term WHERE text > ? AND text < ? ORDER BY text LIMIT ?",
            (text, text + "\U0010ffff", PREFIX_TERMS_MAX),
        ).fetchall()
        return self._by_weight([number for number, found in rows if not found.endswith(GRAM)])

    def typed_like(self, word: str) -> list[int]:
        """Return the other words that are one typing error from a word, the most frequent first."""
        if not typable(word):
            return []
        hashes = sorted({crc32(one.encode()) for one in deletes(word)})
        marks = ", ".join("?" for _ in hashes)
        rows = self._db.execute(
            f"SELECT DISTINCT t.id, t.text FROM typo JOIN term AS t ON t.id = typo.term WHERE hash IN ({marks})",  # noqa: S608
            hashes,
        ).fetchall()
        spelt = letters(word)
        near = [number for number, text in rows if text != word and OSA.distance(letters(text), spelt) <= 1]
        return self._by_weight(near)

    def sounding_like(self, word: str) -> list[int]:
        """Return Korean words that a word romanises, and the romanised form of a Korean word."""
        query = "SELECT term FROM alias WHERE text = ? ORDER BY term"
        found = [row[0] for row in self._db.execute(query, (sound(word),))]
        if romanised(word):
            spelt = [self.id_of(text) for text in sorted({romanised(word), sound(word)})]
            found += [number for number in spelt if number is not None]
        return self._by_weight(found)

    def weight(self, term: int) -> int:
        """Return how many bytes a term's lists have."""
        low, high = term << KEY_SHIFT, (term + 1) << KEY_SHIFT
        query = "SELECT coalesce(sum(length(docs)), 0) FROM posting WHERE key >= ? AND key < ?"
        weight: int = self._db.execute(query, (low, high)).fetchone()[0]
        return weight

    def drop(self, term: int) -> None:
        """Remove a term that stands nowhere any more."""
        row = self._db.execute("SELECT text FROM term WHERE id = ?", (term,)).fetchone()
        if row is None:
            return
        text = row[0]
        self._db.execute("DELETE FROM term WHERE id = ?", (term,))
        hashes = [(crc32(one.encode()), term) for one in deletes(text)] if typable(text) else []
        self._db.executemany("DELETE FROM typo WHERE hash = ? AND term = ?", hashes)
        self._db.execute("DELETE FROM alias WHERE text = ? AND term = ?", (sound(text), term))
        self._cache.clear()

    def _number(self, term: str) -> int:
        known = self.id_of(term)
        if known is not None:
            return known
        number = self._db.execute("INSERT INTO term (text) VALUES (?)", (term,)).lastrowid or 0
        if not term.endswith(GRAM):
            if typable(term):
                self._typos += [(crc32(one.encode()), number) for one in deletes(term)]
            if romanised(term):
                self._aliases.append((sound(term), number))
        return number

    def _flush(self) -> None:
        self._db.executemany("INSERT OR IGNORE INTO typo VALUES (?, ?)", sorted(self._typos))
        self._db.executemany("INSERT OR IGNORE INTO alias VALUES (?, ?)", sorted(self._aliases))
        self._typos.clear()
        self._aliases.clear()

    def _by_weight(self, numbers: list[int]) -> list[int]:
        return sorted(numbers, key=lambda number: (-self.weight(number), number))
