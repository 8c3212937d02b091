"""One way into every table: a workbook or text of any dialect, packed or not, as rows with their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet.rows import Broken, Row, TextRows
from cantoria.formats.sheet.text import Joined, Lines, Readable
from cantoria.formats.sheet.workbook import Workbook, is_workbook
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError

VALUE_SHOWN_CHARS = 80


@dataclass(slots=True)
class Opened:
    """A table that was opened: what findings call it, and its rows. `encoding` and `separator` are those of a text
    file, known once rows were read; of a workbook `sheet` is the one that is read, `others` those that hold something
    too, hidden ones marked."""

    name: str
    rows: Iterator[Row | Broken]
    sheet: str = ""
    others: tuple[str, ...] = ()
    text: tuple[Lines, TextRows] | None = None

    @property
    def encoding(self) -> str:
        return self.text[0].encoding if self.text else ""

    @property
    def separator(self) -> str:
        return self.text[1].separator if self.text else ""


def open_table(
    stream: Readable,
    *,
    file: str,
    sheet: str = "",
    encoding: str = "",
    separator: str = "",
    limits: SheetLimits = SHEET,
) -> Opened:
    """Open a table. `sheet` names one of a workbook (default: the first with content), `encoding` and `separator`
    force those of a text file. Raises `InputError` for a file that is no table, or beyond the limits."""
    first = stream.read(8)
    if not first:
        raise InputError(f"{file} is empty", "send the table")
    joined = Joined(first, stream)
    if is_workbook(first):
        book = Workbook(joined, file=file, limits=limits)
        chosen = sheet or book.first()
        others = () if sheet else tuple(book.others(chosen))
        rows = _counted(book.rows(chosen), file, limits)
        return Opened(f"{file}#{clean(chosen)}", rows, sheet=chosen, others=others)
    if sheet:
        raise InputError(f"{file} is no workbook: it has no sheet {clean(sheet)!r}", "leave the sheet away")
    lines = Lines(joined, file=file, encoding=encoding, limits=limits)
    text = TextRows(lines, separator=separator, limits=limits)
    return Opened(file, _counted(iter(text), file, limits), text=(lines, text))


def _counted(rows: Iterator[Row | Broken], file: str, limits: SheetLimits) -> Iterator[Row | Broken]:
    for number, row in enumerate(rows, 1):
        if number > limits.rows_max:
            raise InputError(f"{file} has more than {limits.rows_max} rows", "split the file")
        yield row


def clean(text: str) -> str:
    """Return text that can be written anywhere, shortened: what is no character becomes a question mark."""
    shown = text if len(text) <= VALUE_SHOWN_CHARS else text[:VALUE_SHOWN_CHARS] + "…"
    return shown.encode("utf-8", "replace").decode()


@dataclass(slots=True)
class Notes:
    """Findings of one record at a time, at the columns of its table."""

    file: str
    columns: Mapping[str, int]  # what a field is called → its column (1-based)
    found: list[Finding] = field(default_factory=list)

    def add(
        self,
        line: int,
        message: str,
        remedy: str,
        *,
        field: str = "",
        value: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        """Add a finding at a cell of a line."""
        self.found.append(
            Finding(
                file=self.file,
                line=line,
                column=self.columns.get(field, 0),
                field=clean(field),
                value=clean(value),
                message=message,
                remedy=remedy,
                severity=severity,
            )
        )

    def tell_others(self, table: Opened, line: int) -> None:
        """Tell that a workbook holds more sheets than the one that is read."""
        if table.others:
            message = f"only the sheet {clean(table.sheet)!r} is read; others hold something too"
            self.add(line, message, "read each by its name", field="sheet", value=", ".join(table.others))

    def take(self) -> tuple[Finding, ...]:
        """Return what was found since the last call."""
        found = tuple(self.found)
        self.found.clear()
        return found
