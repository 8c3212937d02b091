"""Import a foreign CSV by a mapping from the columns of a table of the family to its headings.

A foreign file of recordings usually has no keys of its own; then the ISRC is the key. It says nothing of holders, so
that what it registers is never cleared before somebody does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cantoria.formats.csvfamily.cells import Cells
from cantoria.formats.csvfamily.columns import Table
from cantoria.formats.csvfamily.desk import Context, Desk, Page
from cantoria.formats.csvfamily.family import read_page
from cantoria.formats.csvfamily.reading import Record, check_mapping
from cantoria.formats.csvfamily.rights import ClaimsRead
from cantoria.formats.csvfamily.tables import FACT_TABLES, RECORDINGS
from cantoria.formats.csvfamily.things import code_links, name_thing, recording
from cantoria.formats.types import Imported, Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import RecordingId, ReleaseId
from cantoria.registry.facts import ReleaseRegistered

RELEASE: Final = "release"  # of a foreign file of recordings: the title of the release


def read_mapped(
    data: bytes, *, file: str, columns: Mapping[str, str], context: Context, table: str = "recordings"
) -> Imported:
    """Return what a foreign file says as a table of the family.

    `columns` goes from the table's columns to the file's headings; a value that begins with `=` stands for every cell.
    Numbers may have thousands commas. For recordings `release` may be mapped to a column with titles of releases, and
    without a mapping of `recording` the ISRC is the key. Rows that repeat a key are duplicates: the first stands, the
    others are reported with their lines. Raises `InputError` for a mapping that cannot be used.
    """
    target = _target(table, columns)
    desk = Desk(context)
    page = desk.open_mapped(target, data, file=file, columns=columns)
    if target is not RECORDINGS:
        read_page(desk, page, target, ClaimsRead())
        return page.imported()
    albums: dict[tuple[str, str], dict[str, bool]] = {}
    first: dict[str, int] = {}
    for cells in desk.rows(page):
        keyed = cells if "recording" in columns else _keyed(cells)
        _read_row(desk, page, keyed, first=first, albums=albums)
    page.facts += _releases(context, albums)
    return page.imported()


def _target(table: str, columns: Mapping[str, str]) -> Table:
    """Return the table, once the mapping is known to serve it."""
    tables = {known.name: known for known in FACT_TABLES}
    if table not in tables:
        raise InputError(f"{table[:40]!r} is no table of facts", f"use one of {', '.join(tables)}")
    target = tables[table]
    known = [column.name for column in target.columns]
    needed = {column.name for column in target.columns if column.required}
    if target is RECORDINGS:
        known.append(RELEASE)
        needed -= {"recording"}
        needed |= set() if "recording" in columns else {"isrc"}
    check_mapping(columns, table=table, known=known, needed=needed)
    return target


def _keyed(cells: Cells) -> Cells:
    """Let the ISRC stand as key, without the signs that people print in it."""
    isrc = cells.text("isrc").upper().replace("-", "").replace(" ", "")
    more = {"recording": isrc} if isrc else {}
    record = cells.record
    return Cells(Record(record.line, record.number, {**record.cells, **more}), grouped=True)


def _read_row(
    desk: Desk,
    page: Page,
    cells: Cells,
    *,
    first: dict[str, int],
    albums: dict[tuple[str, str], dict[str, bool]],
) -> None:
    key = cells.text("recording")
    if key and key in first:
        page.duplicate += 1
        page.note(
            cells.record,
            f"line {first[key]} has the same key; this row is not registered again",
            "correct the code, or give each recording its own key",
            Severity.WARNING,
            field="isrc" if cells.text("isrc") else "recording",
            value=cells.text("isrc") or key,
        )
        return
    named = name_thing(desk, page, cells, "recording")
    if named is None:
        return
    thing, keys, fresh = named
    try:
        facts = list(recording(desk, page, cells, thing))
    except InputError as error:
        page.refuse(cells.record, error)
        return
    first[key] = cells.record.line
    page.facts += facts
    page.facts += code_links(desk, page, cells, "recording", thing, keys, fresh=fresh)
    page.registered += 1
    if cells.text(RELEASE):
        albums.setdefault((cells.text(RELEASE), cells.text("artist")), {})[thing] = fresh


def _releases(context: Context, albums: dict[tuple[str, str], dict[str, bool]]) -> list[Any]:
    """Return a release for each title and artist; none where all its recordings were known before."""
    return [
        ReleaseRegistered(
            release=ReleaseId(context.new_id("release")),
            title=title,
            recordings=tuple(RecordingId(thing) for thing in held),
        )
        for (title, _), held in albums.items()
        if any(held.values())
    ]
