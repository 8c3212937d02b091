"""Many small snapshots of one request as one, so that one run of the plan decides hundreds of random worlds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from cantoria.clearance import Answer, Request, Rights, Row, decide
from cantoria.clearance.analytics import Table, Value
from cantoria.clearance.snapshot import Snapshot, build
from cantoria.clearance.snapshot_schema import OPEN_END
from cantoria.kernel.facts import Recorded
from cantoria.testing.worlds import random_world

# The columns that hold numbers of each kind, wherever they stand.
_NUMBERED: Final = {
    "subject": "subject",
    "thing": "thing",
    "about": "thing",
    "voice": "voice",
    "party": "party",
    "unit": "unit",
    "scope": "scope",
    "index": "index",
}
# The columns of `statement` that hold numbers of terms.
_TERMS: Final = ("licensee", "model", "currency", "campaign")


@dataclass(frozen=True, slots=True)
class Decided:
    """A world's snapshot, its rows, and what the reference says of them by line."""

    snapshot: Snapshot
    rows: tuple[Row, ...]
    answers: dict[int, Answer]


def decided(seed: int, *, template: Request) -> Decided:
    """Return a random world, decided row by row for `template` as of all of its facts, or of a part of them."""
    world = random_world(seed)
    size = len(world.facts) if seed % 4 else len(world.facts) * 3 // 4
    return decided_rows(world.rows, world.facts, request=replace(template, size=size))


def decided_rows(rows: Sequence[Row], facts: Sequence[Recorded[Any]], *, request: Request) -> Decided:
    """Return rows decided one by one for a request, with the snapshot of the facts that it may know."""
    rights = Rights.fold(facts, size=request.size)
    answers = {row.line: decide(row, request, rights=rights) for row in rows}
    return Decided(build(rights, request=request), tuple(rows), answers)


def merge(parts: Sequence[Decided]) -> Decided:
    """Return the parts as one: numbers shifted, codes prefixed and lines renumbered so that none meets another's."""
    terms: dict[str, int] = {}
    columns: dict[str, dict[str, list[Value]]] = {}
    offsets = dict.fromkeys(_NUMBERED.values(), 0)
    rows: list[Row] = []
    answers: dict[int, Answer] = {}
    for number, part in enumerate(parts):
        for name, table in part.snapshot.tables.items():
            into = columns.setdefault(name, {column: [] for column in table.schema})
            for column, values in table.columns.items():
                into[column] += _moved(name, column, values, part.snapshot, terms, offsets, number)
        top = {kind: max([0, *_used(part.snapshot, kind)]) for kind in offsets}
        offsets = {kind: offset + top[kind] + 1 for kind, offset in offsets.items()}
        for row in part.rows:
            line = len(rows) + 1
            rows.append(Row(line, tuple(f"{number}|{code}" for code in row.codes), row.media))
            answers[line] = part.answers[row.line]
    widest = max((part.snapshot for part in parts), key=lambda snapshot: len(snapshot.countries))
    tables = {name: Table(widest.tables[name].schema, found) for name, found in columns.items()}
    return Decided(replace(widest, tables=tables, terms=terms), tuple(rows), answers)


def _used(snapshot: Snapshot, kind: str) -> list[int]:
    return [
        value
        for table in snapshot.tables.values()
        for column, values in table.columns.items()
        if _NUMBERED.get(column) == kind
        for value in values
        if isinstance(value, int)
    ]


def _moved(
    name: str,
    column: str,
    values: Sequence[Value],
    snapshot: Snapshot,
    terms: dict[str, int],
    offsets: dict[str, int],
    number: int,
) -> Sequence[Value]:
    """Return a column's values as they stand in the merged snapshot."""
    if column == "code" and name in ("name", "lead"):
        return [f"{number}|{value}" for value in values]
    numbers = cast("Sequence[int]", values)
    if name == "statement" and column in _TERMS:
        texts = {value: text for text, value in snapshot.terms.items()}
        return [terms.setdefault(texts[value], len(terms) + 1) if value else 0 for value in numbers]
    if column in ("registered", "since"):
        return [value + offsets["index"] if 0 <= value < OPEN_END else value for value in numbers]
    if column in _NUMBERED:
        offset = offsets[_NUMBERED[column]]
        return [value + offset if value or column == "index" else 0 for value in numbers]
    return values
