"""What several readers share: hardened XML records, text that fits a fact, findings of a record, scripts of names."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.formats.limits import XmlStreamLimits
from cantoria.formats.notes import NOTES_MAX, Notes
from cantoria.formats.plain_text import plain
from cantoria.formats.pushback import Pushback
from cantoria.formats.scripts import script_of
from cantoria.formats.xml_records import child, children, line_of, name_of, namespace_of, records, text_of
from cantoria.kernel.errors import InputError

SMALL = XmlStreamLimits(file_bytes_max=10_000, record_elements_max=5, depth_max=6, text_chars_max=20, attributes_max=2)


def read(data: bytes, **more: Any) -> list[tuple[str, str, str]]:
    found = records(io.BytesIO(data), file="f", is_list=lambda name: name.endswith("List"), **more)
    return [(held_by, name_of(element), text_of(child(element, "t"))) for held_by, element in found]


def test_records_and_records_of_lists() -> None:
    data = b"<r><a><t>1</t></a><aList><b><t> 2\n 2 </t></b><b/></aList><c/></r>"
    assert read(data) == [("", "r", ""), ("", "a", "1"), ("aList", "b", "2 2"), ("aList", "b", ""), ("", "c", "")]


def test_names_lines_and_children() -> None:
    stream = io.BytesIO(b'<x:r xmlns:x="urn:y">\n<x:a><t/><t/></x:a></x:r>')
    found = []
    for _, element in records(stream, file="f", is_list=lambda name: False):
        found.append((name_of(element), namespace_of(element), line_of(element), len(children(element, "t"))))
    assert found == [("r", "urn:y", 1, 0), ("a", "urn:y", 2, 2)]


@pytest.mark.parametrize(
    "data",
    [
        b"<r>" + b"<a/>" * 3 + b"<a>" + b"<b/>" * 6 + b"</a></r>",
        b"<r><a><b><c><d><e><f/></e></d></c></b></a></r>",
        b"<r><a>" + b"x" * 21 + b"</a></r>",
        b"<r><a x='1' y='2' z='3'/></r>",
        b"<r>" + b"<a/>" * 5000 + b"</r>",
        b"<r>\xff</r>",
        b"<r><a></r>",
    ],
)
def test_beyond_a_limit_reading_ends(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data, limits=SMALL)


def test_many_records_are_no_large_record() -> None:
    assert len(read(b"<r>" + b"<a><t>1</t></a>" * 500 + b"</r>", limits=SMALL)) == 501


class Dripping(io.BytesIO):
    """Gives one byte at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


@pytest.mark.parametrize("banned", [b"<!DOCTYPE r>", b"<!ENTITY a 'b'>"])
def test_a_document_type_is_seen_however_the_bytes_come(banned: bytes) -> None:
    with pytest.raises(InputError, match="document type"):
        list(records(Dripping(banned + b"<r/>"), file="f", is_list=lambda name: False))


def test_memory_does_not_grow_with_the_file() -> None:
    """Elements that were read are gone: the list that holds them stays short."""
    data = b"<r><aList>" + b"<a><t>1</t></a>" * 20_000 + b"</aList></r>"
    longest = 0
    for _, element in records(io.BytesIO(data), file="f", is_list=lambda name: name == "aList"):
        parent = element.getparent()
        longest = max(longest, 0 if parent is None else parent.index(element))
    assert longest <= 1


@given(st.text(max_size=40))
def test_plain_text_fits_everywhere(text: str) -> None:
    made = plain(text)
    made.encode("utf-8")
    assert plain(made) == made
    assert not any(sign in made for sign in "\n\r\t\x00\x1b\u2028")
    if text.isprintable() and text == text.strip():
        assert made == text


def test_notes_are_bounded_and_safe() -> None:
    notes = Notes("f", 3)
    for number in range(NOTES_MAX + 5):
        notes.add(f"odd {number}", "fix it", value="\x1b[31m" + "x" * 500)
    found = notes.findings()
    assert len(found) == NOTES_MAX + 1
    assert "5 more" in found[-1].message
    assert len(found[0].value) <= 80
    assert "\x1b" not in found[0].value


@given(st.lists(st.binary(max_size=10)))
def test_what_was_looked_at_is_still_read(pieces: list[bytes]) -> None:
    whole = b"".join(pieces)

    class Raw:
        def __init__(self) -> None:
            self.rest: Iterator[bytes] = iter([*(piece for piece in pieces if piece)])

        def read(self, size: int) -> bytes:
            return next(self.rest, b"")

    stream: Any = Raw()
    source = Pushback(stream)
    assert whole.startswith(source.peek(5))
    assert source.read() == whole


@pytest.mark.parametrize(
    ("text", "locale", "script"),
    [
        ("김민지", "", "Hang"),
        ("Kim, Minji", "ko", "Latn"),
        ("宇多田ヒカル", "ja", "Jpan"),
        ("宇多田", "", "Hani"),
        ("鄧麗君", "zh_Hant", "Hant"),
        ("김 Kim", "", ""),
        ("123", "", ""),
        ("Чайковский", "", "Cyrl"),
    ],
)
def test_scripts(text: str, locale: str, script: str) -> None:
    assert script_of(text, locale) == script
