"""A BWARM-style file opened: its columns, and its rows one by one in constant memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from cantoria.formats.bwarm.columns import TABLES, Table, named, normal, table_of
from cantoria.formats.limits import TSV, TsvLimits
from cantoria.formats.plain_text import plain
from cantoria.kernel.errors import InputError

_BOM: Final = b"\xef\xbb\xbf"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its line (1-based), the cells that are not empty by column, or what is wrong with it."""

    line: int
    cells: Mapping[str, str]
    wrong: str = ""

    def text(self, name: str) -> str:
        """Return the cell of a column, empty where it has none."""
        return self.cells.get(name, "")

    def needed(self, name: str) -> str:
        """Return a cell that must not be empty."""
        text = self.cells.get(name, "")
        if not text:
            raise InputError(f"{name} is empty", f"fill in {name}", {"field": name})
        return text

    def listed(self, name: str) -> tuple[str, ...]:
        """Return the values of a cell with several, each once, in order."""
        items = tuple(dict.fromkeys(part.strip() for part in self.text(name).split("|") if part.strip()))
        if len(items) > TSV.list_items_max:
            raise InputError(f"{name} has {len(items)} values", f"at most {TSV.list_items_max}", {"field": name})
        return items


class Sheet:
    """A file with its table; `rows` gives its rows in order. Raises `InputError` for a file that is no such file."""

    def __init__(self, stream: BinaryIO, *, file: str, table: str = "", limits: TsvLimits = TSV) -> None:
        self._stream, self._limits = stream, limits
        header = stream.readline(limits.row_bytes_max + 1).removeprefix(_BOM)
        if header[:2] in _UTF16 or len(header) > limits.row_bytes_max:
            raise InputError(f"{file} has no header line in UTF-8", "send a TSV file in UTF-8")
        names = [normal(name) for name in header.decode("utf-8", "replace").lstrip("#").rstrip("\r\n").split("\t")]
        self.table = named(table) if table else (table_of(file) or _guessed(names, file))
        known = {normal(column): column for column in self.table.columns}
        self._names = [known.get(name, "") for name in names]
        missing = [column for column in self.table.needed if column not in self._names]
        twice = sorted({name for name in self._names if name and self._names.count(name) > 1})
        if missing or twice or len(names) > limits.columns_max:
            what = f"no column {', '.join(missing)}" if missing else f"columns twice or too many {', '.join(twice)}"
            raise InputError(
                f"{file} is no table {self.table.name}: {what}"[:300],
                f"its columns are {', '.join(self.table.columns)}",
            )
        self.unknown = [plain(name, chars_max=80) for name, ours in zip(names, self._names, strict=True) if not ours]

    def rows(self) -> Iterator[Row]:
        """Give the rows in order; empty lines are no rows."""
        line = 1
        while data := self._stream.readline(self._limits.row_bytes_max + 1):
            line += 1
            if len(data) > self._limits.row_bytes_max:
                while data and not data.endswith(b"\n"):
                    data = self._stream.readline(self._limits.row_bytes_max + 1)
                yield Row(line, {}, f"the row is longer than {self._limits.row_bytes_max} bytes")
            elif data.strip():
                yield self._row(data, line)

    def _row(self, data: bytes, line: int) -> Row:
        try:
            cells = data.decode("utf-8").rstrip("\r\n").split("\t")
        except UnicodeDecodeError:
            return Row(line, {}, "the row is not UTF-8")
        if len(cells) > len(self._names):
            return Row(line, {}, f"the row has {len(cells)} cells, the header {len(self._names)}")
        found = {name: plain(cell) for name, cell in zip(self._names, cells, strict=False) if name and cell}
        if any(len(cell) > self._limits.cell_chars_max for cell in cells):
            return Row(line, found, f"a cell has more than {self._limits.cell_chars_max} characters")
        return Row(line, {name: text for name, text in found.items() if text})


def _guessed(names: list[str], file: str) -> Table:
    """Return the table that has most of these columns, where one has more than any other and all it needs."""
    fit = [
        (sum(normal(column) in names for column in table.columns), table)
        for table in TABLES
        if all(normal(column) in names for column in table.needed)
    ]
    best = max((count for count, _ in fit), default=0)
    found = [table for count, table in fit if count == best]
    if len(found) != 1:
        tables = ", ".join(table.name for table in TABLES)
        raise InputError(f"{plain(file)} is no table that is known by its name or header", f"use one of {tables}")
    return found[0]
