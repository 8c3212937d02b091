"""A snapshot and its refreshes as logical rows: generations put together, numbers replaced by what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cantoria.clearance.analytics import Table
from cantoria.clearance.resolution_plan import TOGETHER
from cantoria.clearance.snapshot_refresh import Generation
from cantoria.clearance.snapshot_schema import DICTIONARIES, OWNERS, SCHEMAS

Row = tuple[Any, ...]
# Which dictionary the numbers of a column are of.
_OF: Final = {
    "subject": "subject",
    "thing": "thing",
    "about": "thing",
    "recording": "thing",
    "unit": "unit",
    "scope": "scope",
    "voice": "voice",
    "party": "party",
    "principal": "party",
    "licensee": "term",
    "model": "term",
    "currency": "term",
    "campaign": "term",
    "place": "place",
}


def stacked(base: Mapping[str, Table], generations: Sequence[Generation]) -> dict[str, Table]:
    """Return the tables of a snapshot with its refreshes: rows whose owner is gone later no longer count."""
    steps = [base, *(generation.tables for generation in generations)]
    gone = [set(_rows(generation.gone)) for generation in generations]
    found = {}
    for name, schema in SCHEMAS.items():
        rows: list[Row] = []
        for number, tables in enumerate(steps):
            later = set().union(*gone[number:])
            rows += [row for row in _rows(tables[name]) if _owner(name, row) not in later]
        columns = zip(*rows, strict=True) if rows else [()] * len(schema)
        found[name] = Table(schema, dict(zip(schema, columns, strict=True)))
    return found


def logical(tables: Mapping[str, Table]) -> dict[str, list[Row]]:
    """Return what rows can come to by these tables, sorted, each number as what it stands for. Rows that no code leads
    to any more say nothing and are left out."""
    words = _Words(tables)
    rows = {name: list(_rows(tables[name])) for name in SCHEMAS if name not in DICTIONARIES}
    named = {row[2] for row in rows["name"]} | {row[4] for row in rows["lead"] if row[3] != TOGETHER}
    rows["lead"] = [row for row in rows["lead"] if row[3] != TOGETHER or row[4] in named]
    for name in ("part", "problem", "signal"):
        rows[name] = [row for row in rows[name] if row[0] in named]
    units = {row[1] for row in rows["part"]}
    for name in ("need", "unit_problem"):
        rows[name] = [row for row in rows[name] if row[0] in units]
    rows["reach"] = [row for row in rows["reach"] if row[1] in units]
    return {name: sorted((words.of(name, row) for row in found), key=repr) for name, found in rows.items()}


def _rows(table: Table) -> Iterator[Row]:
    return zip(*table.columns.values(), strict=True)


def _owner(name: str, row: Row) -> tuple[int, str] | None:
    if name not in OWNERS:
        return None
    column, kind = OWNERS[name]
    return kind, str(row[list(SCHEMAS[name]).index(column)])


class _Words:
    """What the numbers of a snapshot stand for."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._words: dict[str, dict[int, Row]] = {}
        for name in ("thing", "party", "term", "place", "scope", "subject", "unit", "voice"):
            found = {row[0]: row for row in _rows(tables[name])}
            if len(found) != tables[name].rows:
                raise AssertionError(f"a number stands twice in {name}")
            self._words[name] = {0: ()} | {number: self.of(name, row)[1:] for number, row in found.items()}

    def of(self, name: str, row: Row) -> Row:
        """Return a row of a table with words for its numbers."""
        columns = SCHEMAS[name]
        return tuple(
            self._words[_OF[column]][value] if column in _OF and _OF[column] in self._words else value
            for column, value in zip(columns, row, strict=True)
        )
