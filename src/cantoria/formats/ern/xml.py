"""Hardened streaming of XML: no document type, no entity, no network, and limits on size, depth, width and text.

A file is read twice. The first pass (`scan`) takes its digest and looks for what must not be there; on request it also
makes sure that the whole is well-formed, for whoever must know that before taking the first record. The second pass
(`records`) gives the records (the children of the root's lists) one after the other and frees them, so that memory
does not grow with the file. Both passes run at the speed of C: no event is raised for an element.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import BinaryIO, Final
from xml.parsers import expat

from lxml import etree

from cantoria.formats.limits import XML, XmlLimits
from cantoria.kernel.errors import InputError

Element = etree._Element
BLOCK_BYTES: Final = 256 * 1024
HEAD_BYTES: Final = 4096  # in which the XML declaration has to end
_PROBE: Final = b"<?cantoria root?>"  # its next sibling is the root, which the parser does not give before the end
_BANNED: Final = (b"<!DOCTYPE", b"<!ENTITY")
_OVERLAP: Final = 12  # bytes of the block before that are looked at again: more than a banned word has
_DECLARED: Final = re.compile(rb"""<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_DECLARATION: Final = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?(?:<\?xml\s+version\s*=\s*(?:"1\.[0-9]+"|'1\.[0-9]+')"""
    rb"""(?:\s+encoding\s*=\s*(?:"[\w.-]+"|'[\w.-]+'))?"""
    rb"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>)?"""
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00")


@dataclass(frozen=True, slots=True)
class Scan:
    """What the first pass found: the digest (hex) and size of the file, and what the second pass must look out for:
    texts that may be too long, processing instructions that part texts."""

    sha256: str
    size: int
    long_texts: bool
    instructions: bool


def stream(data: bytes | BinaryIO, *, file: str, limits: XmlLimits = XML) -> Iterator[tuple[str, Element]]:
    """Give the root as (name, element) once it begins, then each record as (list/record, element) once it ends.

    Names are local names; a child of the root without records comes as (/name, element). A record is empty as soon
    as the next one is asked for. Raises `InputError` for anything that is not a plain XML document in UTF-8 within
    `limits`, before anything is given.
    """
    source = BytesIO(data) if isinstance(data, bytes) else data
    found = scan(source, file=file, limits=limits, verify=True)
    source.seek(0)
    yield from records(source, found, file=file, limits=limits)


def scan(source: BinaryIO, *, file: str, limits: XmlLimits = XML, verify: bool = False) -> Scan:
    """Read the whole file once; `InputError` for more than so many bytes and elements, another encoding than UTF-8 or
    a document type, and with `verify` for anything that is not well-formed from beginning to end."""
    digest = hashlib.sha256()
    # Whatever it declares: in UTF-7 a document type would look harmless.
    parser = expat.ParserCreate("UTF-8", " ") if verify else None
    size = marks = instructions = 0
    long_texts = False
    last = b""
    window = limits.text_chars_max // 2 + 1
    try:
        for block in _blocks(source):
            if not size:
                _check_head(block, file)
            size += len(block)
            if size > limits.file_bytes_max:
                raise InputError(f"{file} has more than {limits.file_bytes_max} bytes", "split the message")
            digest.update(block)
            seam = last + block[:_OVERLAP]
            if _declares(block) or _declares(seam):
                raise _banned(file)
            instructions += block.count(b"<?") + (last[-1:] + block[:1] == b"<?")
            marks += block.count(b"<")  # an element has one or two
            if marks // 2 > limits.elements_max:
                raise InputError(f"{file} has more than {limits.elements_max} elements", "split the message")
            long_texts = long_texts or _may_be_long(block, window) or b"<![CDATA[" in block or b"<![CDATA[" in seam
            last = (last + block[-_OVERLAP:])[-_OVERLAP:]
            if parser is not None:
                parser.Parse(block, False)
        if parser is not None:
            parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise InputError(
            f"{file} is not well-formed XML in UTF-8: {expat.ErrorString(error.code)}, line {error.lineno}",
            "ask its sender for a complete, valid message",
        ) from error
    return Scan(digest.hexdigest(), size, long_texts, instructions > 1)


def _declares(block: bytes) -> bool:
    return b"<!" in block and any(word in block for word in _BANNED)


def records(source: BinaryIO, found: Scan, *, file: str, limits: XmlLimits = XML) -> Iterator[tuple[str, Element]]:
    """Give root and records of a file that was scanned, as `stream` does."""
    parser = _parser()
    try:
        parser.feed(_PROBE)
        root: Element | None = None
        probe: Element | None = None
        pending, look = 0, 1  # bytes since a record ended, and at how many of them to look at it next
        for block in _undeclared(source):
            parser.feed(block)
            if probe is None:
                probe = next((one for _, one in parser.read_events() if isinstance(one, Element)), None)
            if root is None and probe is not None:
                root = next(probe.itersiblings("{*}*"), None)
                if root is not None:
                    yield name_of(root), root
            pending += len(block)
            if pending > limits.record_bytes_max:
                raise InputError(f"{file} has a record of more than {limits.record_bytes_max} bytes", "no message has")
            if root is not None and (_has_ended(root) or pending >= look):
                _check(root, found, file, limits)
                look = 2 * pending
                for one in _taken(root, found, ended=False):
                    pending, look = 0, 1
                    yield one
        parser.close()
    except etree.XMLSyntaxError as error:
        message = f"{file} is not well-formed XML: {_plain(error.msg)}"
        raise InputError(message[:400], "ask its sender for a complete, valid message") from error
    if root is not None:
        _check(root, found, file, limits)
        yield from _taken(root, found, ended=True)


def _parser() -> etree.XMLPullParser:
    return etree.XMLPullParser(
        events=("pi",),
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
    )


def _has_ended(root: Element) -> bool:
    """Tell whether there is a record to be taken: the first list has two of them, or is not the last list."""
    lists = root.iterchildren("{*}*")
    first = next(lists, None)
    if first is None:
        return False
    there = first.iterchildren("{*}*")
    next(there, None)
    return next(there, None) is not None or next(lists, None) is not None


def _blocks(source: BinaryIO) -> Iterator[bytes]:
    """Give the file in blocks as they come, the first one long enough for the XML declaration."""
    head = b""
    while len(head) < HEAD_BYTES and (block := source.read(BLOCK_BYTES)):
        head += block
    yield head
    while block := source.read(BLOCK_BYTES):
        yield block


def _undeclared(source: BinaryIO) -> Iterator[bytes]:
    """Give the file in blocks without its XML declaration, whose lines are kept."""
    blocks = _blocks(source)
    first = next(blocks)
    match = _DECLARATION.match(first)
    end = match.end() if match else 0
    yield b"\n" * first[:end].count(b"\n") + first[end:]
    yield from blocks


def _taken(root: Element, found: Scan, *, ended: bool) -> Iterator[tuple[str, Element]]:
    """Give and free the records that have ended: all but the last of the last list, unless the file has ended."""
    lists = _elements(root)
    for part in lists:
        whole = ended or part is not lists[-1]
        there = _elements(part)
        done = there if whole else there[:-1]
        name = name_of(part)
        for record in done:
            if found.instructions:
                etree.strip_tags(record, etree.ProcessingInstruction)
            yield f"{name}/{name_of(record)}", record
            record.clear()
        if whole and not there and part.get(_SEEN) is None:
            if found.instructions:
                etree.strip_tags(part, etree.ProcessingInstruction)
            yield f"/{name}", part
        if whole:
            root.remove(part)
        elif done:
            part.set(_SEEN, "")
            del part[: part.index(done[-1]) + 1]


def _elements(parent: Element) -> list[Element]:
    """Return the child elements, without processing instructions."""
    return list(parent.iterchildren("{*}*"))


_SEEN: Final = "{cantoria}seen"  # marks a list some of whose records were taken


def name_of(element: Element) -> str:
    """Return the name of an element without its namespace."""
    tag = str(element.tag)
    return tag.rpartition("}")[2] if tag[:1] == "{" else tag


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
        if found is None:
            return None
        found = next((one for one in found if name_of(one) == name), None)
    return found


def text_of(element: Element | None) -> str:
    """Return the text of an element, its spaces made single; empty for None."""
    text = element.text if element is not None else None
    return " ".join(text.split()) if text else ""


def text_at(element: Element, *path: str) -> str:
    """Return the text of the first element along a path of local names, or nothing."""
    return text_of(child(element, *path))


def line_of(element: Element) -> int:
    """Return the line at which an element begins (1-based, 0 when unknown)."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


def _check_head(block: bytes, file: str) -> None:
    declared = _DECLARED.search(block[:HEAD_BYTES])
    if block[:2] in _UTF16 or (declared and declared[1].lower() not in (b"utf-8", b"us-ascii")):
        raise InputError(f"{file} is not UTF-8", "send the message in UTF-8")


def _banned(file: str) -> InputError:
    return InputError(f"{file} holds a document type or an entity", "messages have none: do not trust its sender")


def _may_be_long(block: bytes, window: int) -> bool:
    """Tell whether a text of the block may be longer than twice the window: a whole window without any markup."""
    find = block.find
    return any(find(b"<", at, at + window) < 0 for at in range(0, len(block) - window + 1, window))


def _check(root: Element, found: Scan, file: str, limits: XmlLimits) -> None:
    """Hold what is in memory to the limits."""
    if _too_deep(limits.depth_max)(root):
        raise InputError(f"{file} is nested deeper than {limits.depth_max}", "no message is: do not trust its sender")
    if _too_wide(limits.attributes_max)(root):
        raise InputError(f"{file} has an element with more than {limits.attributes_max} attributes", "no message has")
    if found.long_texts and any(len(text) > limits.text_chars_max for text in root.itertext()):
        raise InputError(f"{file} has a text of more than {limits.text_chars_max} characters", "shorten it")


@lru_cache(maxsize=16)
def _too_deep(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/'.join(['*'] * depth)})")


@lru_cache(maxsize=16)
def _too_wide(attributes: int) -> etree.XPath:
    return etree.XPath(f"boolean(descendant-or-self::*/@*[{attributes + 1}])")


def _plain(text: str | None) -> str:
    return (text or "cannot be read").encode("utf-8", "replace").decode()
