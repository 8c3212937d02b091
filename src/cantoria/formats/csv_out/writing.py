"""Entries written as the tables of the family: what `read_family` reads back as the same registrations and claims."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from typing import Final

from cantoria.formats.csv_out.rows import Rows
from cantoria.formats.csvfamily.columns import Table
from cantoria.formats.csvfamily.quoting import quoted
from cantoria.formats.csvfamily.tables import LINKS, PARTIES, RECORDINGS, RELEASES, SHARES, WORKS
from cantoria.formats.csvfamily.trade_tables import CHAINS, COLLECTIONS, TITLES
from cantoria.formats.entries.types import Entry
from cantoria.formats.limits import CSV
from cantoria.formats.outgoing import CHUNK_BYTES, Lost
from cantoria.formats.plain_text import plain

WRITTEN: Final = (PARTIES, WORKS, RECORDINGS, RELEASES, LINKS, TITLES, SHARES, COLLECTIONS, CHAINS)
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def write(entries: Iterable[Entry], *, lost: Lost | None = None) -> Iterator[tuple[str, bytes]]:
    """Give the files `parties.csv`, `works.csv` … in pieces as (file name, bytes), mixed as the entries come: append
    each piece to its file. Each table begins with its header, also when it stays empty.

    The same entries give the same bytes. No cell is a formula for a spreadsheet. What the tables cannot hold is noted
    in `lost`.
    """
    made = Lost() if lost is None else lost
    rows, files = Rows(made), {table.name: _File(table, made) for table in WRITTEN}
    for entry in entries:
        for table, cells in rows.of(entry):
            piece = files[table].add(cells)
            if piece:
                yield f"{table}.csv", piece
    for table, file in files.items():
        yield f"{table}.csv", file.rest()


def write_family(entries: Callable[[], Iterable[Entry]]) -> Mapping[str, Iterator[bytes]]:
    """Return each file of the family by name, as its bytes in pieces. `entries` is called once for each file that is
    read, so that no file waits in memory for another."""
    return {f"{table.name}.csv": _only(entries, f"{table.name}.csv") for table in WRITTEN}


def _only(entries: Callable[[], Iterable[Entry]], name: str) -> Iterator[bytes]:
    return (piece for file, piece in write(entries()) if file == name)


class _File:
    """One table on its way out."""

    def __init__(self, table: Table, lost: Lost) -> None:
        self._names = [column.name for column in table.columns]
        self._lost = lost
        self._text = StringIO(newline="")
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self._csv.writerow(self._names)

    def add(self, cells: Mapping[str, str]) -> bytes:
        """Add a row; return a piece of the file when enough has come together, else nothing."""
        self._csv.writerow([quoted(self._fit(cells.get(name, ""))) for name in self._names])
        return self.rest() if self._text.tell() > CHUNK_BYTES else b""

    def rest(self) -> bytes:
        """Return what was not given yet."""
        data = self._text.getvalue().encode("utf-8")
        self._text.seek(0)
        self._text.truncate()
        return data

    def _fit(self, text: str) -> str:
        if len(text) >= CSV.cell_chars_max:
            self._lost.note("a text is cut, a cell holds no more", "shorten it", thing=text)
            text = text[: CSV.cell_chars_max - 1]
        return plain(text) if _UNFIT.search(text) else text.strip()
