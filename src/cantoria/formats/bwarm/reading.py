"""Read BWARM-style files: each row is one entry that speaks of its thing by key; rows of other files may come later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cantoria.formats.bwarm.builders import BUILDERS, Builder, Maker
from cantoria.formats.bwarm.columns import Table, order_of
from cantoria.formats.bwarm.sheet import Row, Sheet
from cantoria.formats.entries.types import Entry, Outcome
from cantoria.formats.notes import Notes
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError


def read(stream: BinaryIO, *, file: str, table: str = "", feed: str = "") -> Iterator[Entry]:
    """Give one entry for each row of a file, in memory that does not grow with the file.

    `table` says which table it is where neither the file's name nor its header does. `feed` is the namespace (a DPID)
    of who sends it: identifiers that one of its party records allocated are its own codes. Raises `InputError` for a
    file that is no such table.
    """
    sheet = Sheet(stream, file=file, table=table)
    builder, maker = BUILDERS[sheet.table.name], Maker(feed)
    for row in sheet.rows():
        entry = _entry(row, sheet.table, builder, maker, file=file)
        if sheet.unknown:
            entry = _with_unknown(entry, sheet, file)
        yield entry


def read_set(files: Iterable[tuple[str, BinaryIO]], *, feed: str = "") -> Iterator[Entry]:
    """Give the entries of several files, parties first, whatever the order in which the files are given."""
    for file, stream in sorted(files, key=lambda named: (order_of(named[0]), named[0])):
        yield from read(stream, file=file, feed=feed)


def _entry(row: Row, table: Table, builder: Builder, maker: Maker, *, file: str) -> Entry:
    notes = Notes(file, row.line)
    try:
        if row.wrong:
            raise InputError(row.wrong, "correct the row and send it again")
        return builder(maker, row, notes)
    except InputError as error:
        notes.error(error)
        return Entry(line=row.line, kind=table.name, outcome=Outcome.REFUSED, findings=notes.findings())


def _with_unknown(entry: Entry, sheet: Sheet, file: str) -> Entry:
    """Return the first entry of a file with what is to be said of its header."""
    notes = Notes(file, 1)
    shown = ", ".join(sheet.unknown)
    sheet.unknown = []
    remedy = "see the reference of BWARM-style files for the columns that are read"
    notes.add(f"columns that are not known are passed over: {shown}"[:300], remedy, severity=Severity.INFO)
    return Entry(
        line=entry.line,
        kind=entry.kind,
        outcome=entry.outcome,
        parties=entry.parties,
        works=entry.works,
        recordings=entry.recordings,
        releases=entry.releases,
        findings=(*notes.findings(), *entry.findings),
    )
