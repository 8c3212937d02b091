"""A workbook (.xlsx, .xls, .ods) as rows of text. Values are those that were saved: no formula is worked out."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet.guard import check_archive
from cantoria.formats.sheet.guard_xls import MAGIC, check_xls
from cantoria.formats.sheet.rows import Broken, Row, row_of
from cantoria.formats.sheet.text import Readable
from cantoria.kernel.errors import InputError

ARCHIVE: Final = b"PK\x03\x04"
Value = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


@dataclass(frozen=True, slots=True)
class Told:
    """A sheet of a workbook: its name, and whether it is hidden."""

    name: str
    hidden: bool


class Workbook:
    """A workbook opened: its sheets and their rows."""

    __slots__ = ("_book", "_limits", "file", "sheets")

    def __init__(self, stream: Readable, *, file: str, limits: SheetLimits = SHEET) -> None:
        """Open `stream`; `InputError` for what is no workbook, or larger than is read."""
        data = stream.read(limits.workbook_bytes_max + 1)
        if len(data) > limits.workbook_bytes_max:
            raise InputError(f"{file} has more than {limits.workbook_bytes_max} bytes", "save the sheet as CSV")
        if data.startswith(MAGIC):
            check_xls(data, file=file, limits=limits)
        else:
            check_archive(io.BytesIO(data), file=file, limits=limits)
        self.file, self._limits = file, limits
        self._book = self._opened(data)
        if len(self._book.sheet_names) > limits.sheets_max:
            raise InputError(f"{file} has {len(self._book.sheet_names)} sheets", f"at most {limits.sheets_max}")
        self.sheets = tuple(
            Told(one.name, one.visible != SheetVisibleEnum.Visible)
            for one in self._book.sheets_metadata
            if one.typ == SheetTypeEnum.WorkSheet
        )

    def rows(self, sheet: str = "") -> Iterator[Row | Broken]:
        """Give the rows of a sheet that are not empty: of the one with that name, else of the first that has any and
        is not hidden."""
        found = self._sheet(sheet or self.first())
        if found.start is None:
            return
        before = ("",) * found.start[1]
        for line, values in enumerate(self._guarded(found), 1):
            row = row_of(line, (*before, *map(text_of, values)), self._limits)
            if row is not None:
                yield row

    def others(self, chosen: str) -> Iterator[str]:
        """Give the names of the other sheets that hold something."""
        for one in self.sheets:
            if one.name != chosen and self._sheet(one.name).start is not None:
                yield f"{one.name} (hidden)" if one.hidden else one.name

    def first(self) -> str:
        """Return the name of the first sheet that holds something and is not hidden."""
        shown = [one.name for one in self.sheets if not one.hidden]
        for name in shown:
            if self._sheet(name).start is not None:
                return name
        raise InputError(f"{self.file} has no sheet with content", "name a hidden one, or fill one in")

    def _guarded(self, sheet: CalamineSheet) -> Iterator[list[Value]]:
        try:
            yield from sheet.iter_rows()
        except CalamineError as error:
            raise self._broken(error) from error

    def _sheet(self, name: str) -> CalamineSheet:
        if name not in self._book.sheet_names:
            listed = ", ".join(self._book.sheet_names)[:300]
            raise InputError(f"{self.file} has no sheet {name[:80]!r}", f"it has {listed}")
        try:
            return self._book.get_sheet_by_name(name)
        except CalamineError as error:
            raise self._broken(error) from error
        except BaseException as error:
            raise self._panic(error) from error

    def _opened(self, data: bytes) -> CalamineWorkbook:
        try:
            return CalamineWorkbook.from_filelike(io.BytesIO(data))
        except (CalamineError, UnicodeDecodeError, ValueError) as error:
            raise self._broken(error) from error
        except BaseException as error:
            raise self._panic(error) from error

    def _broken(self, error: Exception) -> InputError:
        return InputError(f"{self.file} cannot be read: {error}"[:300], "save it again as .xlsx or CSV")

    def _panic(self, error: BaseException) -> BaseException:
        """Return what to raise for an error that nobody foresaw: a panic of the library is a broken file."""
        if type(error).__name__ == "PanicException":
            return InputError(f"{self.file} cannot be read: it is broken", "save it again as .xlsx or CSV")
        return error


def is_workbook(first: bytes) -> bool:
    """Tell whether a file with these first bytes is read as a workbook."""
    return first.startswith((ARCHIVE, MAGIC))


def text_of(value: Value) -> str:
    """Return the text of a cell: whole numbers without a point, days as 2026-11-20, times as 0:03:04."""
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case float():
            # Fifteen digits, as the program that wrote it shows them: 33.33, never 33.330000000000005.
            return format(Decimal(f"{value:.15g}"), "f")
        case int():
            return str(value)
        case datetime.datetime():
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case datetime.timedelta():
            return _clock(value)


def _clock(value: datetime.timedelta) -> str:
    seconds = value.days * 86_400 + value.seconds
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
