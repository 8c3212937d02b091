"""Read a table by its mapping: bytes → entries, one per row, each with its line; in constant memory for text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from cantoria.formats.entries.types import Entry, Outcome
from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet.fields import Kind
from cantoria.formats.sheet.mapping import Mapping, headings_of
from cantoria.formats.sheet.opening import Notes, open_table
from cantoria.formats.sheet.rows import Broken, Row
from cantoria.formats.sheet.text import Readable
from cantoria.formats.sheet.things import Cells, build, key_of
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError

FORMAT: Final = "sheet"
_IDENTITY: Final = ("isrc", "iswc", "komca", "uci", "youtube_asset", "gtin", "grid", "ipi_name", "isni", "dpid")


def read(stream: Readable, *, file: str, mapping: Mapping, limits: SheetLimits = SHEET) -> Iterator[Entry]:
    """Give an entry for each row below the headings.

    Rows that repeat a key (or, without keys, a code) are duplicates: the first stands; of works, rows with other
    holders add to the first. Raises `InputError` for a file that is no table, or has not the columns of the mapping.
    """
    table = open_table(
        stream,
        file=file,
        sheet=mapping.sheet,
        encoding=mapping.encoding,
        separator=mapping.separator,
        limits=limits,
    )
    headings, rows = _headed(table.rows, mapping, file)
    reader = _Reader(mapping, headings, Notes(table.name, {}), limits)
    reader.notes.tell_others(table, mapping.header_line)
    for row in rows:
        # Beside a text table stands what was meant to be quoted, beside a sheet somebody's remarks.
        if table.sheet and isinstance(row, Row):
            row = Row(row.line, row.cells[: len(headings)])
        yield reader.entry(row)


def _headed(
    rows: Iterator[Row | Broken], mapping: Mapping, file: str
) -> tuple[tuple[str, ...], Iterator[Row | Broken]]:
    """Return what the columns are called, and the rows below."""
    if mapping.header_line == 0:
        first = next(rows, None)
        width = len(first.cells) if isinstance(first, Row) else 0
        return tuple(f"column {place}" for place in range(1, width + 1)), chain([first] if first else [], rows)
    for row in rows:
        if row.line >= mapping.header_line:
            if isinstance(row, Row) and row.line == mapping.header_line:
                return headings_of(row.cells), rows
            break
    raise InputError(f"{file} has no headings on line {mapping.header_line}", "correct header_line in the mapping")


class _Reader:
    """Reads rows one by one; remembers what was seen."""

    def __init__(self, mapping: Mapping, headings: tuple[str, ...], notes: Notes, limits: SheetLimits) -> None:
        self._mapping, self._headings, self._limits = mapping, headings, limits
        self._places = {name: tuple(map(self._place, named)) for name, named in mapping.columns.items()}
        self._down = {self._place(heading): "" for heading in mapping.fill_down}
        self.notes = replace(notes, columns={name: places[0] + 1 for name, places in self._places.items()})
        self._seen: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def _place(self, heading: str) -> int:
        name = " ".join(heading.split())
        if name not in self._headings:
            listed = ", ".join(self._headings)[:500]
            raise InputError(f"the table has no column {heading[:80]!r}", f"its columns are {listed}")
        return self._headings.index(name)

    def entry(self, row: Row | Broken) -> Entry:
        """Return the entry of a row."""
        if isinstance(row, Broken):
            return self._refused(row.line, row.why)
        if len(row.cells) > len(self._headings):
            return self._refused(row.line, f"the row has {len(row.cells)} cells, the headings {len(self._headings)}")
        cells = Cells(row.line, self._cells(row), self.notes)
        identity, content = self._identity(cells), hash(tuple(sorted(cells.cells.items())))
        before = self._seen.get(identity) if identity else None
        more = before is not None and self._mapping.kind is Kind.WORKS and before[0] != content
        if before is not None and not more:
            return self._duplicate(cells, before[1], same=before[0] == content)
        entry = build(cells, self._mapping, mentioned=more)
        if entry is None:
            return Entry(line=row.line, kind="row", outcome=Outcome.REFUSED, findings=self.notes.take())
        if identity:
            self._seen[identity] = (content, row.line)
            if len(self._seen) > self._limits.remembered_max:
                self._seen.popitem(last=False)
        return entry

    def _cells(self, row: Row) -> dict[str, str]:
        """Return the cells that are mapped and not empty, by field; blanks that are filled from above are."""
        texts = list(row.cells) + [""] * (len(self._headings) - len(row.cells))
        for place, above in self._down.items():
            texts[place] = texts[place] or above
            self._down[place] = texts[place]
        found = {name: text for name, text in self._mapping.constants.items() if text}
        for name, places in self._places.items():
            parts = [texts[place] for place in places]
            if name == "key":
                # A key of several columns is one only when it says something.
                parts = parts if any(parts) else []
                text = key_of(" / ".join(parts)) if len(parts) > 1 else "".join(parts)
            else:
                text = parts[0]
            if text:
                found[name] = text
        return found

    def _identity(self, cells: Cells) -> str:
        """Return what tells whether rows are about one thing: the key, else the first code."""
        if cells.text("key"):
            return f"key:{cells.text('key')}"
        name = next((name for name in _IDENTITY if cells.text(name)), "")
        return f"{name}:{cells.text(name).upper().replace('-', '').replace(' ', '')}" if name else ""

    def _duplicate(self, cells: Cells, before: int, *, same: bool) -> Entry:
        field = "key" if cells.text("key") else next(name for name in _IDENTITY if cells.text(name))
        if same:
            message, remedy = f"the same row stands on line {before}; it counts once", "delete one of them"
        else:
            message = f"line {before} has the same {field}; this row is not registered"
            remedy = "correct the code, or give each its own key"
        cells.note(message, remedy, field)
        return Entry(line=cells.line, kind="row", outcome=Outcome.DUPLICATE, findings=self.notes.take())

    def _refused(self, line: int, why: str) -> Entry:
        self.notes.add(line, why, "correct the row and send it again", severity=Severity.ERROR)
        return Entry(line=line, kind="row", outcome=Outcome.REFUSED, findings=self.notes.take())
