"""From bytes to records of text cells: strict UTF-8 and RFC 4180, where one broken record hides no other.

A record that cannot be read (an open quote, bytes that are not UTF-8, a cell too long) becomes a finding; reading
goes on with the next line.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from io import StringIO

from cantoria.formats.csvfamily.columns import Table
from cantoria.formats.csvfamily.quoting import unquoted
from cantoria.formats.limits import CSV, CsvLimits
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_SHOWN_CHARS = 80


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its line in the file (1-based), its number among the rows (1-based), and the cells that are not
    empty, by column name."""

    line: int
    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Broken:
    """One row that cannot be read, and why."""

    number: int
    finding: Finding


class Sheet:
    """A CSV file opened: its columns, findings about the header, and its records one by one."""

    __slots__ = ("_limits", "_lines", "_names", "_own", "_start", "_twins", "columns", "file", "findings")

    def __init__(
        self,
        data: bytes,
        *,
        file: str,
        table: Table,
        renamed: Mapping[str, str] | None = None,
        limits: CsvLimits = CSV,
    ) -> None:
        """Open `data`. `renamed` maps this table's columns to the headings that a foreign file uses instead."""
        self.file, self._limits = file, limits
        self._own = renamed is None
        self._lines = _lines(data, file, limits)
        self.findings: list[Finding] = []
        header, self._start = self._header()
        self._names = [_normal(cell) for cell in header] if renamed is None else _translate(header, renamed, file)
        self.columns = {name: position for position, name in enumerate(self._names, 1) if name}
        self._twins = {} if renamed is None else _twins(renamed)
        self.columns |= {name: self.columns[other] for name, other in self._twins.items()}
        self._check_header(table, header, foreign=renamed is not None)

    def records(self) -> Iterator[Record | Broken]:
        """Give every row in order; empty lines are no rows."""
        number = 0
        for line, cells in self._rows(self._start):
            if isinstance(cells, str):
                number += 1
                yield Broken(number, self.finding(line, cells, remedy="correct the row and send it again"))
            elif any(cells):
                number += 1
                yield self._record(line, number, cells)
            if number > self._limits.records_max:
                raise InputError(
                    f"{self.file} has more than {self._limits.records_max} rows", "split the file in parts"
                )

    def finding(
        self,
        line: int,
        message: str,
        *,
        remedy: str,
        field: str = "",
        value: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """Return a finding at a place of this file; the value is shown shortened."""
        shown = value if len(value) <= _SHOWN_CHARS else value[:_SHOWN_CHARS] + "…"
        return Finding(
            file=self.file,
            line=line,
            column=self.columns.get(field, 0),
            field=_clean(field),
            value=_clean(shown),
            message=message,
            remedy=remedy,
            severity=severity,
        )

    def _record(self, line: int, number: int, cells: list[str]) -> Record | Broken:
        if len(cells) != len(self._names):
            wrong = f"the row has {len(cells)} cells, the header {len(self._names)}"
            return Broken(number, self.finding(line, wrong, remedy="quote cells that hold commas"))
        found = {}
        for name, cell in zip(self._names, cells, strict=True):
            if not cell:
                continue
            wrong = _unfit(cell, self._limits)
            if wrong:
                remedy = "save the file as UTF-8 and correct the cell"
                return Broken(number, self.finding(line, wrong, remedy=remedy, field=name, value=cell))
            text = unquoted(cell.strip()).strip() if self._own else cell.strip()
            if name and text:
                found[name] = text
        found |= {name: found[other] for name, other in self._twins.items() if other in found}
        return Record(line, number, found)

    def _rows(self, start: int) -> Iterator[tuple[int, list[str] | str]]:
        """Give the line (1-based) of each record with its cells, or with what is wrong with it."""
        position = start
        while position < len(self._lines):
            feed = _Feed(self._lines, position, self._limits.record_chars_max)
            reader = csv.reader(feed, strict=True)
            try:
                for cells in reader:
                    yield position + 1, cells
                    position = feed.next_record()
                return
            except csv.Error as error:
                yield position + 1, f"the row cannot be read: {error}"
                position += 1

    def _header(self) -> tuple[list[str], int]:
        feed = _Feed(self._lines, 0, self._limits.record_chars_max)
        try:
            header = next(csv.reader(feed, strict=True), [])
        except csv.Error as error:
            raise InputError(
                f"the header of {self.file} cannot be read: {error}", "begin with a header line"
            ) from error
        if not any(cell.strip() for cell in header):
            raise InputError(f"{self.file} has no header line", "begin with the names of the columns")
        if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
            raise InputError(f"{self.file} is not separated by commas", "save it as CSV with commas")
        if len(header) > self._limits.columns_max:
            raise InputError(f"{self.file} has {len(header)} columns", f"at most {self._limits.columns_max} are read")
        return header, feed.next_record()

    def _check_header(self, table: Table, header: list[str], *, foreign: bool) -> None:
        known = {column.name for column in table.columns}
        names = [name for name in self._names if name]
        twice = sorted({name for name in names if names.count(name) > 1})
        missing = [column.name for column in table.columns if column.required and column.name not in names]
        if twice or (missing and not foreign):
            what = f"twice {', '.join(twice)}" if twice else f"no {', '.join(missing)}"
            wanted = ", ".join(column.name for column in table.columns)
            raise InputError(
                _clean(f"the header of {self.file} has {what}"[:300]), f"the columns of {table.name} are {wanted}"
            )
        for name, shown in zip(self._names, header, strict=True):
            if name not in known and not foreign:
                self.findings.append(
                    self.finding(
                        1,
                        f"{table.name} has no such column; it is passed over",
                        remedy="see the reference of the CSV family for its columns",
                        field=name,
                        value=shown,
                        severity=Severity.WARNING,
                    )
                )


class _Feed:
    """Gives the reader physical lines and knows where the next record begins; stops a record that grows too long."""

    __slots__ = ("_chars", "_chars_max", "_lines", "_position")

    def __init__(self, lines: list[str], position: int, chars_max: int) -> None:
        self._lines, self._position, self._chars_max = lines, position, chars_max
        self._chars = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self._position >= len(self._lines):
            raise StopIteration
        line = self._lines[self._position]
        self._position += 1
        self._chars += len(line)
        if self._chars > self._chars_max:
            raise csv.Error(f"it is longer than {self._chars_max} characters, or a quote is left open")
        return line

    def next_record(self) -> int:
        """Begin a new record and return the position of its first line."""
        self._chars = 0
        return self._position


def _lines(data: bytes, file: str, limits: CsvLimits) -> list[str]:
    if len(data) > limits.file_bytes_max:
        raise InputError(f"{file} has {len(data)} bytes", f"at most {limits.file_bytes_max} are read: split the file")
    if data.startswith(_UTF16):
        raise InputError(f"{file} is UTF-16, not UTF-8", "save it as CSV UTF-8")
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return list(StringIO(text, newline=""))


def _unfit(cell: str, limits: CsvLimits) -> str:
    """Return what makes a cell unreadable, or nothing."""
    if len(cell) > limits.cell_chars_max:
        return f"the cell has {len(cell)} characters, more than {limits.cell_chars_max}"
    if cell.isascii() and cell.isprintable():
        return ""
    if any("\ud800" <= character <= "\udfff" for character in cell):
        return "the cell is not UTF-8"
    if any(character < " " and character not in "\t\r\n" for character in cell):
        return "the cell holds control characters"
    return ""


def _clean(text: str) -> str:
    """Return text that can be written anywhere: what was not UTF-8 becomes question marks."""
    return text.encode("utf-8", "replace").decode()


def _normal(heading: str) -> str:
    return "_".join(heading.strip().lower().split())


def _translate(header: list[str], renamed: Mapping[str, str], file: str) -> list[str]:
    """Return our column name for each foreign heading, empty where it is not mapped."""
    headings = [cell.strip() for cell in header]
    for column, heading in renamed.items():
        if headings.count(heading) != 1:
            found = "no column" if heading not in headings else f"{headings.count(heading)} columns"
            raise InputError(
                f"{file} has {found} {heading!r} to be mapped to {column}",
                _clean(f"its columns are {', '.join(headings)}"[:500]),
            )
    ours = _first(renamed)
    return [ours.get(heading, "") for heading in headings]


def _first(renamed: Mapping[str, str]) -> dict[str, str]:
    """Return the column that is read from each heading: the first that is mapped to it."""
    return {heading: column for column, heading in reversed(list(renamed.items()))}


def _twins(renamed: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that are mapped to a heading from which another is read, with that other."""
    ours = _first(renamed)
    return {column: ours[heading] for column, heading in renamed.items() if ours[heading] != column}


def split_mapping(renamed: Mapping[str, str] | None) -> tuple[Mapping[str, str] | None, dict[str, str]]:
    """Split a mapping into foreign headings and constants: a value that begins with `=` stands for every cell."""
    if renamed is None:
        return None, {}
    constants = {name: value[1:] for name, value in renamed.items() if value.startswith("=")}
    return {name: value for name, value in renamed.items() if name not in constants}, constants


def check_mapping(columns: Mapping[str, str], *, table: str, known: Collection[str], needed: Collection[str]) -> None:
    """Raise `InputError` for a mapping of columns that the table does not have, or without those that it needs."""
    unknown = sorted(set(columns) - set(known))
    missing = sorted(set(needed) - set(columns))
    if unknown or missing:
        what = f"{unknown[0]} is no column of {table}" if unknown else f"{', '.join(missing)} must be mapped"
        raise InputError(f"this mapping cannot be used: {what}"[:300], f"map columns of {', '.join(known)}")
