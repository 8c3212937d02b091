"""From lines to rows: CSV and TSV of any dialect (RFC 4180 quotes), where one broken row hides no other.

The separator is the sign that splits the first lines most evenly. A row that cannot be read (an open quote, a line
in another encoding, a cell too long) is `Broken`; reading goes on with the line after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet.text import Lines, Undecoded

SEPARATORS: Final = (",", "\t", ";", "|")
_SAMPLE_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its line in the file or sheet (1-based) and its cells without outer spaces."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that cannot be read, and why."""

    line: int
    why: str


class TextRows:
    """The rows of a text file; empty ones are left out. `separator` is known once the first was asked for."""

    __slots__ = ("_limits", "_lines", "separator")

    def __init__(self, lines: Lines, *, separator: str = "", limits: SheetLimits = SHEET) -> None:
        self._lines, self.separator, self._limits = lines, separator, limits

    def __iter__(self) -> Iterator[Row | Broken]:
        lines = iter(self._lines)
        sample = list(islice(lines, _SAMPLE_LINES))
        self.separator = self.separator or separator_of(line for line in sample if isinstance(line, str))
        yield from _rows(chain(sample, lines), self.separator, self._limits)


def separator_of(lines: Iterable[str]) -> str:
    """Return the sign that separates the cells of these lines: the one with the most cells that agree."""
    shown = [line for line in lines if line.strip()]
    best, most = ",", 0
    for sign in SEPARATORS:
        widths = [_outside_quotes(line).count(sign) for line in shown]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        score = usual * widths.count(usual)
        if score > most:
            best, most = sign, score
    return best


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


def _rows(lines: Iterator[str | Undecoded], separator: str, limits: SheetLimits) -> Iterator[Row | Broken]:
    feed = _Feed(lines, limits)
    reader = csv.reader(feed, delimiter=separator, strict=True)
    while True:
        start = feed.line
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield Broken(start, feed.why or f"the row cannot be read: {error}")
            feed.back()
            reader = csv.reader(feed, delimiter=separator, strict=True)
            continue
        feed.begin()
        if cells is None:
            return
        row = row_of(start, cells, limits)
        if row is not None:
            yield row


def row_of(line: int, cells: Iterable[str], limits: SheetLimits) -> Row | Broken | None:
    """Return the row with these cells, None where all are empty."""
    found = [cell.strip() for cell in cells]
    while found and not found[-1]:
        found.pop()
    if not found:
        return None
    together = "".join(found)
    if len(found) > limits.columns_max or len(together) > limits.cell_chars_max or not together.isprintable():
        why = _unfit(found, limits)
        if why:
            return Broken(line, why)
    return Row(line, tuple(found))


def _unfit(cells: list[str], limits: SheetLimits) -> str:
    """Return what makes a row unreadable, or nothing."""
    if len(cells) > limits.columns_max:
        return f"the row has {len(cells)} cells; at most {limits.columns_max} are read"
    for cell in cells:
        if len(cell) > limits.cell_chars_max:
            return f"a cell has {len(cell)} characters; at most {limits.cell_chars_max} are read"
        if any(sign < " " and sign not in "\t\r\n" for sign in cell):
            return "a cell holds control characters"
        if any("\ud800" <= sign <= "\udfff" for sign in cell):
            return "a cell holds half a character"
    return ""


class _Feed:
    """Gives the reader physical lines; remembers those of the record that it is in, to go back to its second line."""

    __slots__ = ("_again", "_limits", "_lines", "_record", "line", "why")

    def __init__(self, lines: Iterator[str | Undecoded], limits: SheetLimits) -> None:
        self._lines, self._limits = lines, limits
        self._again: deque[str | Undecoded] = deque()
        self._record: list[str | Undecoded] = []
        self.line = 1  # of the record's first line
        self.why = ""

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._record.append(line)
        if isinstance(line, Undecoded):
            self.why = f"the line is not {line.encoding} text"
            raise csv.Error(self.why)
        limits = self._limits
        if len(self._record) > limits.record_lines_max or sum(map(_chars, self._record)) > limits.record_chars_max:
            self.why = "a quote is left open, or the row is too long"
            raise csv.Error(self.why)
        return line.replace("\0", "\x01")  # a sign that is refused too, but not by the reader for the whole file

    def begin(self) -> None:
        """Begin a new record."""
        self.line += len(self._record)
        self._record.clear()
        self.why = ""

    def back(self) -> None:
        """Begin again with the second line of the record."""
        self._again.extendleft(reversed(self._record[1:]))
        self._record = self._record[:1]
        self.begin()


def _chars(line: str | Undecoded) -> int:
    return len(line) if isinstance(line, str) else 0
