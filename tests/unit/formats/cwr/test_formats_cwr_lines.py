"""Lines: however bytes are cut into lines and whatever they are encoded in, encoding gives them back."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats.cwr.lines import Lines, codec_of
from cantoria.formats.limits import CWR


def _read(data: bytes, codec: str = "utf-8") -> list[tuple[int, str, str, str]]:
    lines = Lines(io.BytesIO(data))
    lines.codec = codec
    return [(number, text, manner.end, manner.encoding) for number, text, manner in lines]


def _bytes(lines: list[tuple[int, str, str, str]]) -> bytes:
    return b"".join((text + end).encode(encoding) for _, text, end, encoding in lines)


PIECES = st.sampled_from(
    (
        *(b"HDR", b"\r\n", b"\n", b"\r", b"A", "é".encode(), b"\xe9", b"\xff", b"\xef\xbb\xbf", b"\xa4\x40", b"\xa4"),
        *(b"\x1b[2J", b"\x00", b"\x0b\x0c\x1c\x1d\x85", "\u2028".encode(), b" " * 40),
    )
)


@given(st.lists(PIECES, max_size=30).map(b"".join), st.sampled_from(["utf-8", "big5", "gb18030", "iso8859-2"]))
def test_any_bytes_come_back(data: bytes, codec: str) -> None:
    lines = _read(data, codec)
    assert _bytes(lines) == data
    assert [number for number, *_ in lines] == list(range(1, len(lines) + 1))
    assert len(lines) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_lines_across_chunks(end: str) -> None:
    data = "".join(f"NWR{number:016d}{end}" for number in range(CWR.chunk_bytes // 10)).encode()
    lines = _read(data)
    assert len(lines) == CWR.chunk_bytes // 10
    assert {found_end for *_, found_end, _ in lines} == {end}
    assert _bytes(lines) == data


def test_a_line_without_an_end_costs_no_memory_and_the_next_is_read() -> None:
    lines = Lines(io.BytesIO(b"X" * (3 * CWR.chunk_bytes) + b"\nTRL\n"))
    read = [text for _, text, _ in lines]
    assert [len(text) for text in read] == [CWR.line_bytes_max + 1, 3]
    assert lines.lost == 3 * CWR.chunk_bytes - CWR.line_bytes_max - 1 + 1


def test_text_is_read_by_the_declared_encoding_then_utf8_then_latin1() -> None:
    assert _read("ÅŁ\n".encode("iso8859-2", "replace"), "iso8859-2")[0][3] == "iso8859-2"
    assert _read("Čaj\n".encode("iso8859-2"), "iso8859-2")[0][1] == "Čaj"
    assert _read("Čaj\n".encode())[0][1:] == ("Čaj", "\n", "utf-8")
    assert _read(b"Caf\xe9\n")[0][1:] == ("Café", "\n", "latin-1")
    assert _read("\ufeffHDR\n".encode())[0][1:] == ("HDR", "\n", "utf-8-sig")


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        *(("", "utf-8"), ("ISO-8859-2", "iso8859-2"), ("ISO-8859-99", "utf-8"), ("UTF-8", "utf-8"), ("GB", "gb18030")),
        *(("Traditional BIG5", "big5"), ("unheard of", "utf-8")),
    ],
)
def test_character_sets(charset: str, codec: str) -> None:
    assert codec_of(charset) == codec


@given(st.binary(max_size=400))
def test_clean_means_printable_ascii(data: bytes) -> None:
    lines = Lines(io.BytesIO(data))
    for _, text, _ in lines:
        if lines.clean:
            assert text.isascii()
            assert text.isprintable()
