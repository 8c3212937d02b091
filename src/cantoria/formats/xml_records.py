"""Hardened streaming of large XML files, record by record: no document type, no entity, no network, constant memory.

A file is `root / record` or `root / list / record`. The bytes are looked at before the parser sees them: what is not
UTF-8 or holds a document type or an entity is refused, however the file calls its encoding.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from lxml import etree

from cantoria.formats.limits import XML_STREAM, XmlStreamLimits
from cantoria.kernel.errors import InputError

Element = etree._Element
_BANNED: Final = (b"<!DOCTYPE", b"<!ENTITY", b"<!doctype", b"<!entity")
_OVERLAP: Final = max(map(len, _BANNED)) - 1
_DECLARED: Final = re.compile(rb"""\s*<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


def records(
    stream: BinaryIO, *, file: str, is_list: Callable[[str], bool], limits: XmlStreamLimits = XML_STREAM
) -> Iterator[tuple[str, Element]]:
    """Give the root as ("", element) once it begins, then each record as (name of its list or "", element) once it
    ends. Names are local names; `is_list` tells which children of the root are lists of records.

    A record is empty as soon as the next one is asked for. Raises `InputError` where the file cannot be read on.
    """
    parser = etree.iterparse(
        _Guard(stream, file, limits),
        encoding="utf-8",  # whatever it declares: in UTF-7 a document type would not look like one in the bytes
        events=("start", "end"),
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        yield from _walk(parser, file, is_list, limits)
    except etree.XMLSyntaxError as error:
        raise InputError(
            f"{file} is not well-formed XML: {_plain(error.msg)}"[:400],
            "ask its sender for a complete, valid file",
            {"line": str(error.lineno or 0)},
        ) from error


def _walk(
    parser: etree.iterparse[tuple[str, Element]], file: str, is_list: Callable[[str], bool], limits: XmlStreamLimits
) -> Iterator[tuple[str, Element]]:
    depth = count = 0
    held_by = ""  # the list that is open, if one is
    for event, element in parser:
        if event == "start":
            depth += 1
            count += 1
            _check_element(element, depth, count, file, limits)
            if depth == 1:
                yield "", element
            elif depth == 2:
                held_by = name_of(element) if is_list(name_of(element)) else ""
            continue
        if element.text is not None and len(element.text) > limits.text_chars_max:
            raise InputError(f"{file} has a text of more than {limits.text_chars_max} characters", "shorten it")
        if depth == (3 if held_by else 2):
            yield held_by, element
            count = 0
        if depth == 2 or (depth == 3 and held_by):
            _forget(element)
        depth -= 1


def name_of(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: Element) -> str:
    """Return the namespace of an element, empty when it has none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def children(element: Element, name: str) -> list[Element]:
    """Return the children of that local name, in order."""
    return [child for child in element if name_of(child) == name]


def child(element: Element | None, *path: str) -> Element | None:
    """Return the first element along a path of local names, or None."""
    for name in path:
        if element is None:
            return None
        element = next(iter(children(element, name)), None)
    return element


def text_of(element: Element | None) -> str:
    """Return the text of an element, its spaces made single; empty for None."""
    return " ".join((element.text or "").split()) if element is not None else ""


def line_of(element: Element) -> int:
    """Return the line at which an element begins (1-based, 0 when unknown)."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


class _Guard:
    """Bytes on their way to the parser: bounded, UTF-8, without a document type or an entity."""

    __slots__ = ("_begun", "_decoder", "_file", "_limits", "_read", "_stream", "_tail")

    def __init__(self, stream: BinaryIO, file: str, limits: XmlStreamLimits) -> None:
        self._stream, self._file, self._limits = stream, file, limits
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._read, self._tail, self._begun = 0, b"", False

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, or raise `InputError` for bytes that no parser should see."""
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > self._limits.file_bytes_max:
            raise InputError(f"{self._file} has more than {self._limits.file_bytes_max} bytes", "split the file")
        if not self._begun and data:
            self._begin(data)
        seen = self._tail + data
        if any(banned in seen for banned in _BANNED):
            raise InputError(
                f"{self._file} holds a document type or an entity", "such files have none: do not trust its sender"
            )
        try:
            self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise InputError(f"{self._file} is not UTF-8", "send the file in UTF-8") from error
        self._tail = seen[-_OVERLAP:]
        return data

    def _begin(self, data: bytes) -> None:
        self._begun = True
        declared = _DECLARED.match(data)
        if data[:2] in _UTF16 or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii")):
            raise InputError(f"{self._file} is not UTF-8", "send the file in UTF-8")


def _check_element(element: Element, depth: int, count: int, file: str, limits: XmlStreamLimits) -> None:
    if depth > limits.depth_max:
        raise InputError(f"{file} is nested deeper than {limits.depth_max}", "no such file is: do not trust its sender")
    if count > limits.record_elements_max:
        raise InputError(f"{file} has a record of more than {limits.record_elements_max} elements", "split the record")
    if len(element.attrib) > limits.attributes_max:
        raise InputError(f"{file} has an element with more than {limits.attributes_max} attributes", "no such file has")
    if depth == 1 and element.getroottree().docinfo.internalDTD is not None:
        raise InputError(f"{file} holds a document type", "such files have none: do not trust its sender")


def _forget(element: Element) -> None:
    """Free a record and what came before it in its list."""
    element.clear()
    while element.getprevious() is not None:
        parent = element.getparent()
        if parent is None:
            return
        del parent[0]


def _plain(text: str | None) -> str:
    return (text or "cannot be read").encode("utf-8", "replace").decode()
