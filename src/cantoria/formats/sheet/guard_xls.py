"""What an old workbook (.xls) would become in memory, measured before anything is built from it.

The file is a compound file whose stream `Workbook` is a chain of records (type, length, body). Each sheet's extent is
worked out from its cell records; sheets that the workbook lists must begin where a sheet begins. [MS-CFB], [MS-XLS].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet.guard import too_wide
from cantoria.kernel.errors import InputError

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END: Final = 0xFFFFFFFA  # sector numbers from here on end a chain
_BOF, _LISTED, _CROWD = 0x0809, 0x0085, {0x00BD, 0x00BE}
_CELLS: Final = {0x0006, 0x0201, 0x0203, 0x0204, 0x0205, 0x0207, 0x027E, 0x00FD, 0x00D6} | _CROWD
_ENCRYPTED: Final = 0x002F


def check_xls(data: bytes, *, file: str, limits: SheetLimits = SHEET) -> None:
    """Raise `InputError` for a file that is no old workbook, or one that would grow beyond the limits."""
    try:
        stream = _Compound(data).stream("Workbook", "Book")
        _check_records(stream, file, limits)
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is a broken workbook", "save it again as .xlsx or CSV") from error


def _check_records(stream: bytes, file: str, limits: SheetLimits) -> None:
    begins: dict[int, int] = {}
    listed: list[int] = []
    rows: list[int] = []
    columns: list[int] = []
    sheet = -1
    for position, kind, body in _records(stream):
        if kind == _ENCRYPTED:
            raise InputError(f"{file} is encrypted", "save it without a password")
        if kind == _BOF:
            sheet, rows, columns = position, [], []
            begins[sheet] = 0
        elif kind == _LISTED and len(body) >= 4:
            listed.append(struct.unpack_from("<I", body)[0])
        elif kind in _CELLS and len(body) >= 4:
            row, column = struct.unpack_from("<HH", body)
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind in _CROWD else column
            rows, columns = [min([*rows, row]), max([*rows, row])], [min([*columns, column]), max([*columns, last])]
            if sheet in begins:
                begins[sheet] = (rows[1] - rows[0] + 1) * (columns[1] - columns[0] + 1)
    if any(position not in begins for position in listed):
        raise InputError(f"{file} lists a sheet where none begins", "save it again as .xlsx or CSV")
    if len(listed) > limits.sheets_max:
        raise InputError(f"{file} has {len(listed)} sheets", f"at most {limits.sheets_max} are read")
    if sum(begins[position] for position in listed) > limits.cells_max:
        raise too_wide(file, limits)


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Give position, type and body of each record."""
    position = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield position, kind, stream[position + 4 : position + 4 + length]
        position += 4 + length


class _Compound:
    """A compound file: streams whose sectors are chained by a table."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._sector = 1 << struct.unpack_from("<H", data, 30)[0]
        if self._sector not in (512, 4096):
            raise IndexError("sector size")
        self._table = self._allocation()
        self._directory = self._chain(struct.unpack_from("<I", data, 48)[0])
        held = self._chain(struct.unpack_from("<I", data, 60)[0])
        self._small_table = struct.unpack(f"<{len(held) // 4}I", held)

    def stream(self, *names: str) -> bytes:
        """Return the first stream that has one of these names."""
        root_start = struct.unpack_from("<I", self._directory, 116)[0]
        for position in range(0, len(self._directory) - 127, 128):
            length = struct.unpack_from("<H", self._directory, position + 64)[0]
            name = self._directory[position : position + max(min(length, 64) - 2, 0)].decode("utf-16-le")
            if name in names:
                start, size = struct.unpack_from("<II", self._directory, position + 116)
                if size < struct.unpack_from("<I", self._data, 56)[0]:
                    return self._small(self._chain(root_start), start)[:size]
                return self._chain(start)[:size]
        raise KeyError("no such stream")

    def _allocation(self) -> tuple[int, ...]:
        """Return the table that chains the sectors."""
        numbers = list(struct.unpack_from("<109I", self._data, 76))
        more = struct.unpack_from("<I", self._data, 68)[0]
        seen: set[int] = set()
        per = self._sector // 4
        while more < _END and more not in seen:
            seen.add(more)
            block = struct.unpack(f"<{per}I", self._block(more))
            numbers += block[:-1]
            more = block[-1]
        table: list[int] = []
        for number in dict.fromkeys(number for number in numbers if number < _END):
            table += struct.unpack(f"<{per}I", self._block(number))
        return tuple(table)

    def _block(self, number: int) -> bytes:
        start = (number + 1) * self._sector
        return self._data[start : start + self._sector].ljust(self._sector, b"\0") if start < len(self._data) else _no()

    def _chain(self, number: int) -> bytes:
        found: list[bytes] = []
        seen: set[int] = set()
        while number < _END:
            if number in seen:
                raise IndexError("the chain is a ring")
            seen.add(number)
            found.append(self._block(number))
            number = self._table[number]
        return b"".join(found)

    def _small(self, held: bytes, number: int) -> bytes:
        found: list[bytes] = []
        seen: set[int] = set()
        while number < _END:
            if number in seen:
                raise IndexError("the chain is a ring")
            seen.add(number)
            found.append(held[number * 64 : number * 64 + 64])
            number = self._small_table[number]
        return b"".join(found)


def _no() -> bytes:
    raise IndexError("a sector beyond the end")
