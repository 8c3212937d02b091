"""Entries written as BWARM-style files; what they cannot carry is noted, never dropped without a word.

Text is written as it is, also where a spreadsheet would take it for a formula: such files go from machine to machine,
and an apostrophe would be part of the title at the receiver. Do not open them in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from cantoria.formats.bwarm.columns import TABLES, Table
from cantoria.formats.bwarm.rows import Rows
from cantoria.formats.entries.types import Entry
from cantoria.formats.outgoing import CHUNK_BYTES, Lost
from cantoria.formats.plain_text import plain
from cantoria.kernel.periods import parse_moment

AS_OF: Final = parse_moment("2026-01-01")


def _nowhere(recording: str) -> str:
    return ""


def write(
    entries: Iterable[Entry],
    *,
    lost: Lost | None = None,
    feed: str = "",
    release_of: Callable[[str], str] = _nowhere,
    at: int = AS_OF,
) -> Iterator[tuple[str, bytes]]:
    """Give the files `works.tsv`, `parties.tsv` … in pieces as (file name, bytes), mixed as the entries come: append
    each piece to its file. Each file begins with its header, also when it stays empty.

    `feed` is the namespace of who writes them, as in `read`; `release_of` tells the key of the release that a
    recording (by key) is on, where its entry does not say it; `at` is the moment (UTC microseconds) at which the
    exceptions of a territory are counted out. The same entries give the same bytes.
    """
    made = Lost() if lost is None else lost
    rows = Rows(made, feed=feed, release_of=release_of, at=at)
    files = {table.name: _File(table) for table in TABLES}
    for entry in entries:
        for table, cells in rows.of(entry):
            piece = files[table].add(cells)
            if piece:
                yield f"{table}.tsv", piece
    for name, file in files.items():
        yield f"{name}.tsv", file.rest()


class _File:
    """One table on its way out."""

    def __init__(self, table: Table) -> None:
        self._columns = table.columns
        self._lines = ["#" + "\t".join(table.columns)]
        self._chars = 0

    def add(self, cells: Mapping[str, str]) -> bytes:
        """Add a row; return a piece of the file when enough has come together, else nothing."""
        line = "\t".join(plain(cells.get(column, "")) for column in self._columns)
        self._lines.append(line)
        self._chars += len(line)
        return self.rest() if self._chars > CHUNK_BYTES else b""

    def rest(self) -> bytes:
        """Return what was not given yet."""
        data = "".join(f"{line}\n" for line in self._lines).encode("utf-8")
        self._lines, self._chars = [], 0
        return data
