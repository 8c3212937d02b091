"""Hardened streaming of XML: no document type, no entity, no network, and limits on size, depth, width and text.

A message is read record by record (the children of its lists) and never held as a whole tree. Whatever is not
well-formed XML in UTF-8 is an `InputError` for the whole message, so that nothing of it is half taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Final

from lxml import etree

from cantoria.formats.limits import XML, XmlLimits
from cantoria.kernel.errors import InputError

Element = etree._Element
RECORD_DEPTH: Final = 3  # message / list / record
_BANNED: Final = (b"<!DOCTYPE", b"<!ENTITY")
_DECLARED: Final = re.compile(rb"""\s*<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


def stream(data: bytes, *, file: str, limits: XmlLimits = XML) -> Iterator[tuple[str, Element]]:
    """Give the root as (name, element) once it begins, then each record as (list/record, element) once it ends.

    Names are local names; a record is empty as soon as the next one is asked for. Raises `InputError` for anything
    that is not a plain XML document in UTF-8 within `limits`.
    """
    _check_bytes(data, file, limits)
    depth = count = 0
    parser = etree.iterparse(
        BytesIO(data),
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
        for event, element in parser:
            if event == "start":
                depth += 1
                count += 1
                _check_element(element, depth, count, file, limits)
                if depth == 1:
                    if element.getroottree().docinfo.internalDTD is not None:
                        raise _banned(file)
                    yield name_of(element), element
                continue
            _check_text(element, file, limits)
            if depth == RECORD_DEPTH:
                parent = element.getparent()
                yield f"{'' if parent is None else name_of(parent)}/{name_of(element)}", element
                _forget(element)
            depth -= 1
    except etree.XMLSyntaxError as error:
        message = f"{file} is not well-formed XML: {_plain(error.msg)}"
        raise InputError(message[:400], "ask its sender for a complete, valid message") from error


def name_of(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: Element) -> str:
    """Return the namespace of an element, empty when it has none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def children(element: Element, name: str) -> list[Element]:
    """Return the children of that local name, in order."""
    return [child for child in element if name_of(child) == name]


def child(element: Element, *path: str) -> Element | None:
    """Return the first element along a path of local names, or None."""
    found: Element | None = element
    for name in path:
        found = next(iter(children(found, name)), None) if found is not None else None
    return found


def text_of(element: Element | None) -> str:
    """Return the text of an element, its spaces made single; empty for None."""
    return " ".join((element.text or "").split()) if element is not None else ""


def text_at(element: Element, *path: str) -> str:
    """Return the text of the first element along a path of local names, or nothing."""
    return text_of(child(element, *path))


def line_of(element: Element) -> int:
    """Return the line at which an element begins (1-based, 0 when unknown)."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def _check_bytes(data: bytes, file: str, limits: XmlLimits) -> None:
    if len(data) > limits.file_bytes_max:
        raise InputError(f"{file} has {len(data)} bytes", f"at most {limits.file_bytes_max} are read")
    if data[:2] in _UTF16:
        raise InputError(f"{file} is not UTF-8", "send the message in UTF-8")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 at byte {error.start}", "send the message in UTF-8") from error
    declared = _DECLARED.match(data)
    if declared and declared[1].lower() not in (b"utf-8", b"us-ascii"):
        raise InputError(f"{file} declares another encoding than UTF-8", "send the message in UTF-8")
    if any(banned in data for banned in _BANNED):
        raise _banned(file)


def _banned(file: str) -> InputError:
    return InputError(f"{file} holds a document type or an entity", "messages have none: do not trust its sender")


def _check_element(element: Element, depth: int, count: int, file: str, limits: XmlLimits) -> None:
    if depth > limits.depth_max:
        raise InputError(f"{file} is nested deeper than {limits.depth_max}", "no message is: do not trust its sender")
    if count > limits.elements_max:
        raise InputError(f"{file} has more than {limits.elements_max} elements", "split the message")
    if len(element.attrib) > limits.attributes_max:
        raise InputError(f"{file} has an element with more than {limits.attributes_max} attributes", "no message has")


def _check_text(element: Element, file: str, limits: XmlLimits) -> None:
    if element.text is not None and len(element.text) > limits.text_chars_max:
        raise InputError(f"{file} has a text of more than {limits.text_chars_max} characters", "shorten it")


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
