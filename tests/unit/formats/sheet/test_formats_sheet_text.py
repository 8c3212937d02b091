"""Text tables: encodings told from the bytes, dialects from the lines, and broken rows that hide no other."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats.limits import SHEET
from cantoria.formats.sheet import open_table
from cantoria.formats.sheet.opening import Opened
from cantoria.formats.sheet.rows import Broken, Row
from cantoria.kernel.errors import InputError
from cantoria.testing.table_files import as_csv


def opened(data: bytes, **more: str) -> tuple[Opened, list[Row | Broken]]:
    table = open_table(io.BytesIO(data), file="t.csv", **more)
    return table, list(table.rows)


def cells(data: bytes, **more: str) -> list[tuple[str, ...] | str]:
    return [row.cells if isinstance(row, Row) else row.why for row in opened(data, **more)[1]]


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        ("a,b\n1,2\n", "utf-8", ""),
        ("제목,가수\n봄비,이은하\n", "utf-8", "utf-8"),
        ("제목,가수\n봄비,이은하\n", "utf-8-sig", "utf-8"),
        ("제목,가수\n봄비,이은하\n", "cp949", "cp949"),
        ("제목,가수\n봄비,이은하\n", "utf-16", "utf-16-le"),
        ("제목,가수\n봄비,이은하\n", "utf-16-be", "utf-16-be"),
        ("título,año\ncanción,El Niño\n", "cp1252", "cp1252"),
        ("título,año\ncanción,El Niño\n", "utf-8", "utf-8"),
        ("title,artist\n똠방각하,펲시\n", "cp949", "cp949"),  # syllables beyond EUC-KR
    ],
)
def test_the_encoding_is_told_by_the_bytes(text: str, encoding: str, told: str) -> None:
    data = text.encode(encoding)
    if encoding == "utf-16-be":
        data = b"\xfe\xff" + data
    table, rows = opened(data)
    assert [row.cells for row in rows if isinstance(row, Row)] == [tuple(line.split(",")) for line in text.splitlines()]
    assert table.encoding == told


@pytest.mark.parametrize("encoding", ["shift-jis", "gb18030", "koi8-r", "iso8859-7"])
def test_what_is_in_no_encoding_that_is_read_is_refused_line_by_line(encoding: str) -> None:
    text = {"koi8-r": "Подмосковные вечера", "iso8859-7": "Το τραγούδι της βροχής"}.get(encoding, "春の雨が降る夜に")
    found = cells(f"title,artist\n{text},x\nplain,y\n".encode(encoding))
    assert found[0] == ("title", "artist")
    assert isinstance(found[1], str)
    assert found[2] == ("plain", "y")


def test_an_encoding_found_late_is_told_by_the_lines_that_need_it() -> None:
    data = b"title,artist\n" + b"plain,ascii\n" * 100_000 + "봄비,이은하\n".encode("cp949")
    assert cells(data)[-1] == ("봄비", "이은하")


def test_a_line_in_another_encoding_is_refused_by_itself() -> None:
    data = "제목,가수\n봄비,이은하\n".encode() + "첫눈,김\n".encode("cp949") + "바다,박\n".encode()
    assert cells(data) == [("제목", "가수"), ("봄비", "이은하"), "the line is not utf-8 text", ("바다", "박")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_told_by_the_lines(separator: str) -> None:
    rows = [["title", "note"], ["a; b, c", "1,5"], ["x|y", 'say "hi"\nthere'], ["z", "tab\there"]]
    table, found = opened(as_csv(rows, separator=separator))
    assert table.separator == separator
    assert [list(row.cells) for row in found if isinstance(row, Row)] == rows


def test_a_separator_and_an_encoding_can_be_forced() -> None:
    data = "a;b,c\n가;나,다\n".encode("cp949")
    assert cells(data, separator=";", encoding="cp949")[1] == ("가", "나,다")
    with pytest.raises(InputError):
        cells(data, encoding="ebcdic")


def test_lines_are_counted_as_they_stand_in_the_file() -> None:
    data = b'a,b\r\n\r\n"two\r\nlines",1\r\n,,\r\nlast,2\r\n'
    assert [row.line for row in opened(data)[1]] == [1, 3, 6]


def test_line_ends_of_every_system_are_read() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert cells(f"a,b{end}1,2{end}3,4".encode()) == [("a", "b"), ("1", "2"), ("3", "4")]


def test_a_return_at_the_end_of_a_chunk_is_no_line_of_its_own() -> None:
    row = b"x" * ((1 << 18) - 5)
    assert [one.line for one in opened(b"a,b\n" + b"\r\n1,2\r\n")[1]] == [1, 3]
    data = b"h,i\r\n" + row[: (1 << 18) - 7] + b",\r\n" + b"1,2\r\n"
    limits = replace(SHEET, cell_chars_max=1 << 19, record_chars_max=1 << 19)
    found = list(open_table(io.BytesIO(data), file="t", limits=limits).rows)
    assert [one.line for one in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'"open', "unexpected end of data"),
        (b'"a"b,c', "expected after"),
        (b"a\x00b", "control characters"),
        (b"a\x07b,1", "control characters"),
        (b"x" * 10_001, "10001 characters"),
        (b"," * 1_001 + b"x", "cells"),
    ],
)
def test_rows_that_cannot_be_read_hide_no_other(line: bytes, why: str) -> None:
    found = cells(b"a,b\n1,2\n" + line + b"\n3,4\n", separator=",")
    assert found[:2] == [("a", "b"), ("1", "2")]
    assert isinstance(found[2], str)
    assert why in found[2]
    assert found[3:] == [("3", "4")]


def test_an_open_quote_ends_after_a_thousand_lines() -> None:
    data = b'a,b\n"open,1\n' + b"1,2\n" * 5_000
    found = cells(data)
    assert sum(isinstance(one, str) for one in found) == 1
    assert len(found) == 5_002


def test_gzip_is_unpacked_as_it_is_read_and_bounded() -> None:
    packed = gzip.compress(b"a,b\n" + b"1,2\n" * 1_000)
    assert len(cells(packed)) == 1_001
    with pytest.raises(InputError, match="more than"):
        list(open_table(io.BytesIO(packed), file="t", limits=replace(SHEET, text_bytes_max=1_000)).rows)
    with pytest.raises(InputError, match="gzip"):
        cells(packed[:30])


def test_limits_of_a_file() -> None:
    with pytest.raises(InputError, match="rows"):
        list(open_table(io.BytesIO(b"a\n" * 20), file="t", limits=replace(SHEET, rows_max=10)).rows)
    with pytest.raises(InputError, match="no table of text"):
        cells(b"x" * (SHEET.line_bytes_max + 2))
    with pytest.raises(InputError, match="empty"):
        cells(b"")


def test_text_is_read_piece_by_piece() -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += 1
            return b"1,2\n" * 1_000

    stream = Endless()
    table = open_table(stream, file="t")
    for _ in range(5_000):
        next(table.rows)
    assert stream.given < 20


TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffd\ufeff"), max_size=12)


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), min_size=2, max_size=8), st.sampled_from(",;\t|"))
def test_what_is_written_is_read(rows: list[list[str]], separator: str) -> None:
    found = cells(as_csv(rows, separator=separator), separator=separator, encoding="utf-8")
    wanted = [tuple(cell.strip() for cell in row) for row in rows]
    trimmed = [row[: max((place + 1 for place, cell in enumerate(row) if cell), default=0)] for row in wanted]
    assert found == [row for row in trimmed if row]


@given(st.binary(max_size=500), st.sampled_from(["", "utf-8", "cp949", "cp1252", "utf-16-le"]))
def test_any_bytes_are_rows_or_a_refusal(data: bytes, encoding: str) -> None:
    try:
        _, rows = opened(data, encoding=encoding)
    except InputError:
        return
    for row in rows:
        if isinstance(row, Row):
            assert row.cells[-1]
            "".join(row.cells).encode()
