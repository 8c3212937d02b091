"""A table on its way to a CSV file: rows by column name, and planted bad ones whose line numbers are known."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cantoria.formats.csvfamily.tables import TABLES


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row planted to become a finding: its file, line (1-based, the header is line 1), column and what is wrong.
    `refused` tells whether the whole row must not be taken; otherwise it is taken with a warning."""

    file: str
    line: int
    column: str
    what: str
    refused: bool = True


@dataclass(frozen=True, slots=True)
class Bad:
    """A bad row before it has its place."""

    cells: Mapping[str, str]
    column: str
    what: str
    refused: bool = True


@dataclass(slots=True, kw_only=True)
class Sheet:
    """The rows of one table of the family; columns that stay empty in all rows are left out of the file."""

    table: str
    name: str
    rows: list[Mapping[str, str]] = field(default_factory=list)

    def add(self, **cells: str) -> None:
        """Add a row; empty cells may be left out."""
        self.rows.append(cells)

    def write(self, bad: Sequence[Bad] = ()) -> tuple[bytes, tuple[BadRow, ...]]:
        """Return the file, the bad rows spread evenly over its second half, and where they stand."""
        rows = list(self.rows)
        places = []
        for number, one in enumerate(bad):
            place = len(rows) // 2 + (len(rows) - len(rows) // 2) * number // max(1, len(bad)) + 0
            rows.insert(min(place, len(rows)), one.cells)
            places.append(one)
        used = {name for row in rows for name, text in row.items() if text}
        columns = [column.name for column in TABLES[self.table].columns if column.name in used or column.required]
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row.get(name, "") for name in columns] for row in rows)
        lines = {id(row): line for line, row in enumerate(rows, 2)}
        found = tuple(BadRow(self.name, lines[id(b.cells)], b.column, b.what, b.refused) for b in places)
        return out.getvalue().encode(), found
