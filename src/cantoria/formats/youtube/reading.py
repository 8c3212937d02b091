"""Read a YouTube report: bytes → entries, one per row, in constant memory; the report is told by its columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cantoria.formats.entries.types import Entry, Outcome, Party
from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet.opening import Notes, open_table
from cantoria.formats.sheet.rows import Broken, Row
from cantoria.formats.sheet.text import Readable
from cantoria.formats.types import Severity
from cantoria.formats.youtube.assets import Seen, read_asset
from cantoria.formats.youtube.claims import read_claim
from cantoria.formats.youtube.reports import Report, ReportKind, column, recognise
from cantoria.formats.youtube.rows import Cells
from cantoria.kernel.errors import InputError
from cantoria.registry.types import PartyKind

FORMAT: Final = "youtube"
OWNER: Final = Party(key="content-owner", kind=PartyKind.ORGANISATION)


def read(stream: Readable, *, file: str, owner: Party = OWNER, limits: SheetLimits = SHEET) -> Iterator[Entry]:
    """Give an entry for each row of a report (CSV, packed by gzip or not).

    `owner` is the content owner whose report it is: ownership cells are its claims. Raises `InputError` for a file that
    is no report; a row that cannot be read is refused by itself.
    """
    table = open_table(stream, file=file, limits=limits)
    header = next(table.rows, None)
    report = recognise(header.cells) if isinstance(header, Row) else None
    if not isinstance(header, Row) or report is None:
        raise InputError(
            f"{file} is no YouTube report that is known",
            "send an asset, conflict or claims report with its header line, or map it by `import sheet`",
        )
    names = tuple(map(column, header.cells))
    notes = Notes(table.name, {name: place for place, name in reversed(list(enumerate(names, 1)))})
    seen = Seen()
    for number, row in enumerate(table.rows):
        if report.kind is ReportKind.REVENUE:
            yield _revenue(row, report, notes, first=number == 0)
        else:
            yield _entry(row, report, names, notes=notes, seen=seen, owner=owner)


def _entry(
    row: Row | Broken, report: Report, names: tuple[str, ...], *, notes: Notes, seen: Seen, owner: Party
) -> Entry:
    kind = "claim" if report.kind is ReportKind.CLAIMS else "asset"
    if isinstance(row, Broken):
        return _refused(row.line, kind, notes, row.why, "correct the row and send it again")
    if len(row.cells) > len(names):
        wrong = f"the row has {len(row.cells)} cells, the header {len(names)}"
        return _refused(row.line, kind, notes, wrong, "quote cells that hold commas")
    filled = {name: text for name, text in zip(names, row.cells, strict=False) if name and text}
    cells = Cells(row.line, filled, notes)
    try:
        match report.kind:
            case ReportKind.CLAIMS:
                return read_claim(cells, seen=seen)
            case ReportKind.CONFLICTS:
                return read_asset(cells, seen=seen, owner=owner, mentioned=True)
            case _:
                return read_asset(cells, seen=seen, owner=owner)
    except InputError as error:
        return _refused(
            row.line, kind, notes, error.message, error.remedy, field="asset_id", value=cells.text("asset_id")
        )


def _refused(
    line: int, kind: str, notes: Notes, message: str, remedy: str, *, field: str = "", value: str = ""
) -> Entry:
    notes.add(line, message, remedy, field=field, value=value, severity=Severity.ERROR)
    return Entry(line=line, kind=kind, outcome=Outcome.REFUSED, findings=notes.take())


def _revenue(row: Row | Broken, report: Report, notes: Notes, *, first: bool) -> Entry:
    """Pass over a row of a revenue report; the first tells why."""
    if first:
        notes.add(
            row.line,
            f"this is a {report}: its rows are usage and money, which nothing is registered from",
            "read it as usage and revenue instead",
            severity=Severity.INFO,
        )
    return Entry(line=row.line, kind="revenue", outcome=Outcome.PASSED_OVER, findings=notes.take())
