"""Workbooks: values as text, and hostile ones refused before anything is built from them."""

from __future__ import annotations

import datetime
import io
import resource
import zipfile
from collections.abc import Callable
from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats.sheet import open_table
from cantoria.formats.sheet.rows import Row
from cantoria.kernel.errors import InputError
from cantoria.testing import table_files
from cantoria.testing.table_files import as_xls, as_xlsx, document, workbook_of

SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def cells(data: bytes, sheet: str = "") -> list[tuple[str, ...]]:
    rows = open_table(io.BytesIO(data), file="b.xlsx", sheet=sheet).rows
    return [row.cells for row in rows if isinstance(row, Row)]


def sheet_of(data: str) -> bytes:
    return f'<worksheet xmlns="{SPACE}"><sheetData>{data}</sheetData></worksheet>'.encode()


def test_values_are_text_as_a_person_sees_them() -> None:
    row = [
        "봄비",
        100_000_000_001,
        33.33,
        0.1 + 0.2,
        1e-5,
        True,
        datetime.date(2026, 11, 20),
        datetime.datetime.fromisoformat("2026-11-20 09:30"),
        datetime.time(0, 3, 45),
        datetime.timedelta(minutes=3, seconds=45),
    ]
    assert cells(as_xlsx([row])) == [
        (
            "봄비",
            "100000000001",
            "33.33",
            "0.3",
            "0.00001",
            "yes",
            "2026-11-20",
            "2026-11-20 09:30:00",
            "00:03:45",
            "0:03:45",
        )
    ]


def test_formulas_are_never_worked_out() -> None:
    cell = (
        '<row r="1"><c r="A1"><f>1+1</f><v>7</v></c><c r="B1" t="str"><f>HYPERLINK("http://x")</f><v>=1+1</v></c></row>'
    )
    assert cells(workbook_of(sheet_of(cell))) == [("7", "=1+1")]


def test_lines_and_columns_are_those_of_the_sheet() -> None:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page["C4"], page["D6"] = "a", "b"
    out = io.BytesIO()
    book.save(out)
    rows = list(open_table(io.BytesIO(out.getvalue()), file="b").rows)
    assert rows == [Row(4, ("", "", "a")), Row(6, ("", "", "", "b"))]


def test_the_first_sheet_with_content_is_read_and_hidden_ones_only_by_name() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Empty"
    hidden, shown = book.create_sheet("Hidden"), book.create_sheet("Shown")
    hidden.sheet_state = "hidden"
    hidden["A1"], shown["A1"], book.create_sheet("More")["A1"] = "h", "s", "m"
    out = io.BytesIO()
    book.save(out)
    table = open_table(io.BytesIO(out.getvalue()), file="b.xlsx")
    assert (table.name, table.sheet, table.others) == ("b.xlsx#Shown", "Shown", ("Hidden (hidden)", "More"))
    assert cells(out.getvalue()) == [("s",)]
    assert cells(out.getvalue(), "Hidden") == [("h",)]
    with pytest.raises(InputError, match="no sheet"):
        cells(out.getvalue(), "Other")
    with pytest.raises(InputError, match="no workbook"):
        cells(b"a,b\n", "Other")


def test_old_workbooks_and_open_documents_are_read() -> None:
    assert cells(as_xls({(0, 0): "제목", (0, 1): "ISRC", (2, 0): 2.5})) == [("제목", "ISRC"), ("2.5",)]
    text = "<table:table-cell office:value-type='string'><text:p>{}</text:p></table:table-cell>"
    row = f"<table:table-row>{text.format('제목')}{text.format('ISRC')}</table:table-row>"
    far = "<table:table-row table:number-rows-repeated='9'><table:table-cell/></table:table-row>"
    assert cells(document(row + far + row)) == [("제목", "ISRC")] * 2


def test_the_blank_tail_that_every_open_document_has_costs_nothing() -> None:
    text = "<table:table-cell office:value-type='string'><text:p>x</text:p></table:table-cell>"
    row = f"<table:table-row>{text}<table:table-cell table:number-columns-repeated='16383'/></table:table-row>"
    tail = "<table:table-cell table:number-columns-repeated='16384'/></table:table-row>"
    assert cells(document(f"{row}<table:table-row table:number-rows-repeated='1048575'>{tail}")) == [("x",)]


FILLED = "<table:table-cell table:number-columns-repeated='16384' office:value-type='string'><text:p>x</text:p>"
AGAIN = "<table:table-row table:number-rows-repeated='999999'>"
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
BARE = "<row>" + "<c><v>1</v></c>" * 3_000 + "</row>" + "<row/>" * 9_999 + "<row><c><v>1</v></c></row>"


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (table_files.bomb, "unpacks to more"),
        (table_files.corners, "cells"),
        (lambda: workbook_of(sheet_of(FAR), target="media/picture.png"), "cells"),
        (lambda: workbook_of(sheet_of(BARE)), "cells"),
        (lambda: workbook_of(sheet_of(FAR), target="worksheets/sheet1.bin"), "binary"),
        (lambda: as_xls({(0, 0): "a", (65535, 255): "x"}), "cells"),
        (lambda: as_xls({(0, 0): "a", (6000, 200): "x"}, listed=9), "cells"),
        (lambda: as_xls({(0, 0): "a"}, astray=8), "none begins"),
        (lambda: document(f"{AGAIN}{FILLED}</table:table-cell></table:table-row>"), "cells"),
        (table_files.entities, "document type"),
        (lambda: workbook_of(sheet_of("<x/>" * 13_000_000)), "unpacks to more"),
        (lambda: workbook_of(b"<worksheet><sheetData><row>"), "broken XML"),
        (lambda: as_xlsx([["x"]])[:900], "broken"),
        (lambda: as_xls({(0, 0): "a"})[:600], "broken"),
        (lambda: zipped({"readme.txt": b"x"}), "no workbook"),
        (lambda: zipped({"_rels/.rels": b"<x/>", "content.xml": b"<x/>"}), "no workbook"),
        (lambda: zipped({"_rels/.rels": b"<x/>", "xl/workbook.bin": b"x"}), "binary"),
        (lambda: zipped({f"p{n}": b"" for n in range(3_000)}), "parts"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)  # fmt: skip
def test_hostile_workbooks_are_refused_in_little_memory(make: Callable[[], bytes], why: str) -> None:
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=why):
        cells(data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024  # KiB


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_an_archive_that_lies_about_its_sizes_is_broken() -> None:
    data = bytearray(as_xlsx([["x"] * 50] * 50))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    place = data.rfind(size.to_bytes(4, "little"))
    data[place : place + 4] = (20).to_bytes(4, "little")
    with pytest.raises(InputError, match="broken"):
        cells(bytes(data))


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from([XLSX, XLS, ODS])))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InputError):
        assert all(row[-1] for row in cells(bytes(whole)))


XLSX = as_xlsx([["Title", "ISRC"], ["봄비", "KRA381900123"]])
XLS = as_xls({(0, 0): "Title", (0, 1): "ISRC", (1, 0): "x", (1, 1): 1.5})
TEXT = "<table:table-cell office:value-type='string'><text:p>Title</text:p></table:table-cell>"
ODS = document(f"<table:table-row>{TEXT}</table:table-row>")
