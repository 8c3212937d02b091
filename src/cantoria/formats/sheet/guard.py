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
from collections.abc import Iterator
from typing import IO, BinaryIO, Final

from lxml import etree

from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.kernel.errors import InputError

_CHUNK: Final = 1 << 18
_CELL: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DATA: Final = b"sheetData"
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
    found, total, tail = False, 0, b""
    with archive.open(part) as unpacked:
        while chunk := unpacked.read(_CHUNK):
            total += len(chunk)
            if total > limits.unpacked_bytes_max:
                raise _too_large(file, limits)
            found = found or _DATA in tail + chunk
            tail = chunk[-len(_DATA) :]
    return found


def _too_large(file: str, limits: SheetLimits) -> InputError:
    return InputError(f"{file} unpacks to more than {limits.unpacked_bytes_max} bytes", _REMEDY)


def _elements(part: IO[bytes], file: str) -> Iterator[tuple[str, etree._Element]]:
    """Give ("start" | "end", element) of a part, each element emptied at its end."""
    try:
        for event, element in etree.iterparse(
            part, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        ):
            yield event, element
            if event == "end":
                element.clear()
                parent = element.getparent()
                while parent is not None and len(parent) > 1 and element.getprevious() is not None:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        raise InputError(f"{file} holds broken XML: {error}"[:300], "save it again as .xlsx or CSV") from error


def _extent_xlsx(part: IO[bytes], file: str) -> int:
    """Return how many cells the sheet spans: its rows times its columns, between the outermost cells."""
    row = column = 0
    rows: list[int] = []
    columns: list[int] = []
    for event, element in _elements(part, file):
        name = _local(element)
        if event != "start" or name not in ("row", "c"):
            continue
        told = element.get("r", "")
        if name == "row":
            row, column = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else row + 1, 0
            continue
        match = _CELL.fullmatch(told)
        if match is not None:
            row, column = int(match[2]), _column(match[1])
        else:
            column += 1
        _widen(rows, row)
        _widen(columns, column)
    return _span(rows) * _span(columns)


def _widen(outer: list[int], value: int) -> None:
    """Keep the smallest and the largest value."""
    if not outer:
        outer += [value, value]
    elif value < outer[0]:
        outer[0] = value
    elif value > outer[1]:
        outer[1] = value


def _span(outer: list[int]) -> int:
    return outer[1] - outer[0] + 1 if outer else 0


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _extent_ods(part: IO[bytes], file: str) -> int:
    """Return how many cells the sheets span when repeated rows and cells are written out."""
    total = height = width = empty = across = last = again = 0
    for event, element in _elements(part, file):
        name = _local(element)
        if event == "start" and name == "table":
            total, height, width, empty = total + height * width, 0, 0, 0
        elif event == "start" and name == "table-row":
            across, last, again = 0, 0, _repeated(element, "number-rows-repeated")
        elif event == "end" and name in ("table-cell", "covered-table-cell"):
            across += _repeated(element, "number-columns-repeated")
            last = across if _filled(element) else last
        elif event == "end" and name == "table-row":
            # Empty rows count only when a row with content follows them.
            height, empty = (height + empty + again, 0) if last else (height, empty + again)
            width = max(width, last)
    return total + height * width


def _repeated(element: etree._Element, name: str) -> int:
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            text = str(value)
            return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    return 1


def _filled(element: etree._Element) -> bool:
    return any("value" in str(key).rpartition("}")[2] for key in element.attrib) or bool(
        element.text or len(element) or any(element.itertext())
    )


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]
