"""Reading the fact index: facts by subject, type, id and place, as of any ledger size."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final

from cantoria.adapters.sqlite.fact_rows import (
    COLUMNS,
    FACT_COLUMNS,
    recorded_fact,
    where_clause,
)
from cantoria.adapters.sqlite.failures import failures
from cantoria.app.fact_types import BY_TAG
from cantoria.kernel.facts import Recorded
from cantoria.registry.facts import PartyNamed, RecordingRegistered, WorkRegistered

HAVING_ROWS: Final = 20_000
SUBJECTS_PER_QUERY: Final = 500
NAMING: Final = tuple(cls.TYPE.tag for cls in (PartyNamed, WorkRegistered, RecordingRegistered))


class FactReader:
    """The questions to the index in `_db`; see `cantoria.app.ports.FactIndex`."""

    _db: sqlite3.Connection

    def scan(
        self, *, tags: Iterable[int] | None = None, start: int = 0, size: int | None = None
    ) -> Iterator[Recorded[Any]]:
        """All facts in ledger order, of these tags, from `start` on and below `size`."""
        clause, values = where_clause(tags, size)
        if start:
            clause, values = f"{clause} AND idx >= ?" if clause else "idx >= ?", [*values, start]
        query = f"SELECT {COLUMNS} FROM fact {'WHERE ' + clause if clause else ''} ORDER BY idx"  # noqa: S608
        with index_failures():
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
        parts = (list(subjects[at : at + HAVING_ROWS]) for at in range(0, len(subjects), HAVING_ROWS))
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

    def _rows(self, query: str, values: Sequence[Any]) -> list[Any]:
        with index_failures():
            return self._db.execute(query, values).fetchall()


def index_failures() -> AbstractContextManager[None]:
    """Turn what goes wrong with the index into this house's errors."""
    return failures("the index of facts", remedy="build it again with `cantoria ledger rebuild`")
