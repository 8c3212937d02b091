"""What a workbook would become in memory, measured before anything is built from it.

A packed workbook can unpack to a thousand times its size, and two cells in opposite corners make a table of billions.
So every part of the archive is unpacked once in small pieces and counted, and the extent of each sheet is worked out
from its own cells. Macros, links and entities are never followed: nothing here is ever executed.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, BinaryIO, Final
from xml.parsers import expat

from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.kernel.errors import InputError

_CHUNK: Final = 1 << 18
_CELL: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DATA: Final = b"sheetData"
_ODS_CELLS: Final = ("table-cell", "covered-table-cell")
Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
End = Callable[[str], None]
# Binary parts of a workbook in XML that hold no cells.
_OTHER_BINARIES: Final = (
    "printersettings",
    "vbaproject",
    "vbadata",
    "embeddings/",
    "activex",
    "customproperty",
    "media/",
)
_REMEDY: Final = "save the sheet that counts as CSV, or split it"


def check_archive(stream: BinaryIO, *, file: str, limits: SheetLimits = SHEET) -> None:
    """Raise `InputError` for an archive that is no workbook, or one that would grow beyond the limits."""
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_archive(archive, file, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise InputError(f"{file} is a broken workbook: {error}"[:300], "save it again as .xlsx or CSV") from error
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{file} is a broken workbook", "save it again as .xlsx or CSV") from error


def _check_archive(archive: zipfile.ZipFile, file: str, limits: SheetLimits) -> None:
    parts = archive.infolist()
    if len(parts) > limits.parts_max:
        raise InputError(f"{file} has {len(parts)} parts", f"at most {limits.parts_max} are read")
    if any(part.flag_bits & 1 for part in parts):
        raise InputError(f"{file} is encrypted", "save it without a password")
    if sum(part.file_size for part in parts) > limits.unpacked_bytes_max:
        raise _too_large(file, limits)
    _check_names([part.filename.lower().replace("\\", "/") for part in parts], file)
    cells = 0
    for part in parts:
        # Which part is a sheet, the workbook says; so every part that could be one is measured.
        if _unpack(archive, part, file, limits):
            with archive.open(part) as unpacked:
                cells += _extent_xlsx(unpacked, file)
        if part.filename.lower() == "content.xml":
            with archive.open(part) as unpacked:
                cells += _extent_ods(unpacked, file)
        if cells > limits.cells_max:
            raise too_wide(file, limits)


def _check_names(names: list[str], file: str) -> None:
    """Refuse what is no workbook, a binary one (.xlsb, which is not measured), and what could be read as two kinds."""
    if any(name.endswith(".bin") and not any(part in name for part in _OTHER_BINARIES) for name in names):
        raise InputError(f"{file} is a binary workbook (.xlsb)", "save it as .xlsx or CSV")
    if ("_rels/.rels" in names) == ("content.xml" in names) or len(set(names)) != len(names):
        raise InputError(f"{file} is an archive, but no workbook", "unpack it, and send what is in it")


def too_wide(file: str, limits: SheetLimits) -> InputError:
    """Return the error for sheets that span too many cells."""
    return InputError(f"{file} has sheets of more than {limits.cells_max} cells", _REMEDY)


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str, limits: SheetLimits) -> bool:
    """Unpack a part in pieces, which checks its size and sum; tell whether it speaks of a sheet's data."""
    found, total, marks, tail = False, 0, 0, b""
    with archive.open(part) as unpacked:
        while chunk := unpacked.read(_CHUNK):
            total, marks = total + len(chunk), marks + chunk.count(b"<")
            if total > limits.unpacked_bytes_max or marks > limits.marks_max:
                raise _too_large(file, limits)
            found = found or _DATA in tail + chunk
            tail = chunk[-len(_DATA) :]
    return found


def _too_large(file: str, limits: SheetLimits) -> InputError:
    return InputError(f"{file} unpacks to more than {limits.unpacked_bytes_max} bytes", _REMEDY)


def _parse(part: IO[bytes], file: str, *, start: Start, end: End | None = None) -> None:
    """Tell `start` (name, attributes) and `end` (name) of each element of a part; names are without prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise InputError(f"{file} holds a document type", "save it again as .xlsx or CSV")

    parser.StartDoctypeDeclHandler = refuse
    try:
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise InputError(f"{file} holds broken XML: {error}"[:300], "save it again as .xlsx or CSV") from error


def _extent_xlsx(part: IO[bytes], file: str) -> int:
    """Return how many cells the sheet spans: its rows times its columns, between the outermost cells."""
    extent = _Extent()
    row = column = 0

    def start(name: str, attributes: Attributes) -> None:
        nonlocal row, column
        if name == "c":
            match = _CELL.fullmatch(attributes.get("r", ""))
            if match is not None:
                row, column = int(match[2]), _column(match[1])
            else:
                column += 1
            extent.add(row, column)
        elif name == "row":
            told = attributes.get("r", "")
            row, column = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else row + 1, 0

    _parse(part, file, start=start)
    return extent.cells()


@dataclass(slots=True)
class _Extent:
    """The outermost rows and columns that hold something."""

    first: tuple[int, int] | None = None
    last: tuple[int, int] = (0, 0)

    def add(self, row: int, column: int) -> None:
        """Widen it to hold a cell."""
        first = self.first or (row, column)
        self.first = min(first[0], row), min(first[1], column)
        self.last = max(self.last[0], row), max(self.last[1], column)

    def cells(self) -> int:
        """Return how many cells there are in between."""
        if self.first is None:
            return 0
        return (self.last[0] - self.first[0] + 1) * (self.last[1] - self.first[1] + 1)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _extent_ods(part: IO[bytes], file: str) -> int:
    """Return how many cells the sheets span when repeated rows and cells are written out."""
    tables = _Tables()
    _parse(part, file, start=tables.start, end=tables.end)
    return tables.total + tables.height * tables.width


@dataclass(slots=True)
class _Tables:
    """The tables of an OpenDocument sheet, cell by cell: how far each reaches."""

    total: int = 0
    height: int = 0
    width: int = 0
    empty: int = 0  # rows since the last with content: they count only when one with content follows
    across: int = 0
    last: int = 0
    again: int = 0

    def start(self, name: str, attributes: Attributes) -> None:
        """Take in the beginning of an element."""
        if name == "table":
            self.total, self.height, self.width, self.empty = self.total + self.height * self.width, 0, 0, 0
        elif name == "table-row":
            self.across, self.last, self.again = 0, 0, _repeated(attributes, "number-rows-repeated")
        elif name in _ODS_CELLS:
            self.across += _repeated(attributes, "number-columns-repeated")
            self.last = self.across if any("value" in key for key in attributes) else self.last
        else:
            self.last = self.across  # whatever stands in a cell fills it

    def end(self, name: str) -> None:
        """Take in the end of an element."""
        if name == "table-row":
            if self.last:
                self.height, self.empty = self.height + self.empty + self.again, 0
                self.width = max(self.width, self.last)
            else:
                self.empty += self.again


def _repeated(attributes: Attributes, name: str) -> int:
    text = next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
