"""Many small snapshots as one, so that one run of the plan decides hundreds of random worlds for a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from cantoria.clearance import Answer, Request, Rights, Row, decide
from cantoria.clearance.analytics import Table, Value
from cantoria.clearance.snapshot import Snapshot, build
from cantoria.clearance.snapshot_schema import OPEN_END, SCHEMAS
from cantoria.kernel.facts import Recorded
from cantoria.testing.worlds import random_world

# The columns that hold numbers of each kind, wherever they stand.
_NUMBERED: Final = {
    "subject": "subject",
    "thing": "thing",
    "about": "thing",
    "recording": "thing",
    "voice": "voice",
    "party": "party",
    "principal": "party",
    "unit": "unit",
    "scope": "scope",
    "index": "index",
}
# The columns that hold numbers of texts that all worlds share.
_SHARED: Final = {
    "licensee": "term",
    "model": "term",
    "currency": "term",
    "campaign": "term",
    "term": "term",
    "place": "place",
}
# Ledger indices that are no numbers of anything.
_INDICES: Final = (("need", "registered"), ("reach", "since"))


@dataclass(frozen=True, slots=True)
class Part:
    """A world as of a ledger size: its rights, and its rows by their lines in the merged manifest."""

    rights: Rights
    size: int
    rows: tuple[tuple[int, Row], ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """The snapshot of one or many worlds, their rows, and the worlds."""

    snapshot: Snapshot
    rows: tuple[Row, ...]
    parts: tuple[Part, ...]

    def answers(self, request: Request) -> dict[int, Answer]:
        """Return what the reference says of every line, each world as of its own size."""
        return {
            line: decide(row, replace(request, size=part.size), rights=part.rights)
            for part in self.parts
            for line, row in part.rows
        }


def random_part(seed: int, *, at: int) -> Merged:
    """Return a random world at the moment `at`, as of all of its facts, or of a part of them."""
    world = random_world(seed)
    size = len(world.facts) if seed % 4 else len(world.facts) * 3 // 4
    return part_of(world.rows, world.facts, at=at, size=size)


def part_of(rows: Sequence[Row], facts: Sequence[Recorded[Any]], *, at: int, size: int) -> Merged:
    """Return rows with the snapshot of the facts below `size` at the moment `at`."""
    rights = Rights.fold(facts, size=size)
    part = Part(rights, size, tuple((row.line, row) for row in rows))
    return Merged(build(rights, at=at, size=size), tuple(rows), (part,))


def merge(worlds: Sequence[Merged]) -> Merged:
    """Return worlds of one moment as one: numbers shifted, codes prefixed and lines renumbered so that none meets
    another's."""
    shared: dict[str, dict[str, int]] = {"term": {}, "place": {}}
    columns: dict[str, dict[str, list[Value]]] = {name: {c: [] for c in schema} for name, schema in SCHEMAS.items()}
    offsets = dict.fromkeys(_NUMBERED.values(), 0)
    rows: list[Row] = []
    parts: list[Part] = []
    for number, world in enumerate(worlds):
        move = _Move(world.snapshot, offsets, shared, number)
        for name, table in world.snapshot.tables.items():
            for column, values in table.columns.items():
                if name not in shared:
                    columns[name][column] += move.column(name, column, values)
        offsets = {kind: offset + _top(world.snapshot, kind) + 1 for kind, offset in offsets.items()}
        for part in world.parts:
            lines = range(len(rows) + 1, len(rows) + 1 + len(part.rows))
            known = [row for _, row in part.rows]
            rows += [
                replace(row, line=line, codes=tuple(f"{number}|{code}" for code in row.codes))
                for line, row in zip(lines, known, strict=True)
            ]
            parts.append(Part(part.rights, part.size, tuple(zip(lines, known, strict=True))))
    for name, texts in shared.items():
        number_of, text_of = SCHEMAS[name]
        columns[name] = {number_of: list(texts.values()), text_of: list(texts)}
    tables = {name: Table(SCHEMAS[name], found) for name, found in columns.items()}
    until = min(world.snapshot.until for world in worlds)
    return Merged(replace(worlds[0].snapshot, tables=tables, until=until), tuple(rows), tuple(parts))


def _top(snapshot: Snapshot, kind: str) -> int:
    """Return the greatest number of a kind that a snapshot uses."""
    return max(
        (
            value
            for table in snapshot.tables.values()
            for column, values in table.columns.items()
            if _NUMBERED.get(column) == kind
            for value in values
            if isinstance(value, int)
        ),
        default=0,
    )


class _Move:
    """Gives the columns of one world as they stand in the merged snapshot."""

    def __init__(
        self, snapshot: Snapshot, offsets: dict[str, int], shared: dict[str, dict[str, int]], number: int
    ) -> None:
        self._offsets, self._number = offsets, number
        self._shared: dict[str, dict[int, int]] = {}
        for name, texts in shared.items():
            numbers, words = snapshot.tables[name].columns.values()
            pairs = cast("list[tuple[int, str]]", list(zip(numbers, words, strict=True)))
            self._shared[name] = {0: 0} | {old: texts.setdefault(text, len(texts) + 1) for old, text in pairs}

    def column(self, name: str, column: str, values: Sequence[Value]) -> Sequence[Value]:
        """Return a column's values as they stand in the merged snapshot."""
        if column == "code" and name in ("name", "lead"):
            return [f"{self._number}|{value}" for value in values]
        numbers = cast("Sequence[int]", values)
        if column in _SHARED:
            return [self._shared[_SHARED[column]][value] for value in numbers]
        if (name, column) in _INDICES:
            return [value + self._offsets["index"] if 0 <= value < OPEN_END else value for value in numbers]
        if column in _NUMBERED:
            offset = self._offsets[_NUMBERED[column]]
            return [value + offset if value or column == "index" else 0 for value in numbers]
        return values
