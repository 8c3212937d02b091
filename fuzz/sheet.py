"""Somebody else's tables: whatever the bytes, a mapping is proposed or refused, and each row read is one entry."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress

from cantoria.formats import sheet
from cantoria.formats.entries import Outcome
from cantoria.formats.sheet import Kind, Mapping
from cantoria.kernel.errors import InputError
from cantoria.testing import table_files

BY_PLACE = Mapping(
    kind=Kind.RECORDINGS,
    columns={"key": ("column 1",), "title": ("column 2",), "duration": ("column 3",)},
    header_line=0,
)


def one(data: bytes) -> None:
    """Take the bytes as a table, and where they are XML also as the sheet of a workbook: no sum of a packed archive
    keeps the fuzzer from what is inside."""
    _table(data)
    if data.startswith(b"<office"):
        _table(table_files.document_of(data))
    elif data.startswith(b"<"):
        _table(table_files.workbook_of(data))


def _table(data: bytes) -> None:
    """Propose a mapping and read by it, then by one that takes the first columns."""
    try:
        proposed, _ = sheet.suggest_for(io.BytesIO(data), file="fuzz")
        if sheet.parse(proposed.text()) != proposed:
            raise AssertionError("a mapping does not survive its text")
        _read(data, proposed)
    except InputError:
        pass
    with suppress(InputError):
        _read(data, BY_PLACE)
    with suppress(InputError):
        sheet.parse(data.decode("utf-8", "replace"))


def _read(data: bytes, mapping: Mapping) -> None:
    entries = sheet.read(io.BytesIO(data), file="fuzz", mapping=mapping)
    for difference in sheet.preview(entries, known=sheet.told):
        if difference.state.value == Outcome.REFUSED.value and not difference.findings:
            raise AssertionError("a row was refused without a reason")


def seeds() -> Iterator[bytes]:
    """Give tables of each kind and form."""
    recordings = [["Title", "Artist", "ISRC", "Duration"], ["Spring Rain", "Minji", "KRA381900123", "3:45"]]
    works = [["Work Title", "ISWC", "Writer", "IPI", "Role", "PR share"], ["Rain", "T0345246801", "Kim", "", "C", "50"]]
    for rows in (recordings, works, table_files.work_list(2)):
        yield table_files.as_csv(rows)
        yield table_files.as_csv(rows, separator=";")
        yield table_files.as_csv(rows, encoding="utf-16")
        yield table_files.as_xlsx(rows)
    yield BY_PLACE.text().encode()
    yield table_files.as_xls({(0, 0): "Title", (0, 1): "ISRC", (1, 0): "Spring Rain", (1, 1): "KRA381900123"})
    with zipfile.ZipFile(io.BytesIO(table_files.as_xlsx(recordings))) as archive:
        yield archive.read("xl/worksheets/sheet1.xml")
    body = "<table:table-row table:number-rows-repeated='2'><table:table-cell office:value-type='string'><text:p>Title"
    body += "</text:p></table:table-cell><table:table-cell table:number-columns-repeated='3'/></table:table-row>"
    with zipfile.ZipFile(io.BytesIO(table_files.document(body))) as archive:
        yield archive.read("content.xml")
