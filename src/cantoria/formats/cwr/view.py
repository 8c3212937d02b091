"""A CWR file for the eyes: each record as spans by field, what is wrong marked under it with what to do.

`view(item)` gives lines of spans; `STYLES` says how each kind of span looks (names of rich's styles). What a terminal
would obey (control characters, changes of direction) is shown as a sign of its own, never passed on.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cantoria.formats.cwr.layout import PREFIX_CHARS
from cantoria.formats.cwr.records import CwrFinding, Item, Record
from cantoria.formats.types import Severity

STYLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "line": "dim",
        "type": "bold",
        "sequence": "dim",
        "even": "cyan",
        "odd": "green",
        "fault": "bold red",
        "beyond": "red",
        "unknown": "dim red",
        "mark": "bold red",
        "error": "red",
        "warning": "yellow",
        "info": "blue",
    }
)
GUTTER_CHARS: Final = 8
_MISSING: Final = "\ufffd"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; `style` is a key of `STYLES`."""

    text: str
    style: str


Shown = tuple[Span, ...]


def view(item: Item) -> Iterator[Shown]:
    """Give the lines of an item: each record, under it its findings, and at the end those that are of no record."""
    by_line: dict[int, list[CwrFinding]] = {}
    for finding in item.findings:
        by_line.setdefault(finding.line, []).append(finding)
    for record in item.records:
        found = by_line.pop(record.line, [])
        yield _record(record, found)
        yield from _notes(record, found)
    for found in by_line.values():
        yield from (_message(finding) for finding in found)


def markup(shown: Shown) -> list[tuple[str, str]]:
    """Return a line as pairs of text and style, as `rich.text.Text.assemble(*pairs)` takes them."""
    return [(span.text, STYLES[span.style]) for span in shown]


def plain(shown: Iterable[Span]) -> str:
    """Return a line without colours."""
    return "".join(span.text for span in shown)


def safe(text: str) -> str:
    """Return `text` with a sign in the place of everything that is not printable."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _stand_in(sign) for sign in text)


def width(text: str) -> int:
    """Return the columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(unicodedata.combining(sign) > 0 for sign in text)


def _stand_in(sign: str) -> str:
    code = ord(sign)
    if code < 32:
        return chr(0x2400 + code)
    return "\u2421" if code == 127 else " " if sign == "\xa0" else _MISSING


def _record(record: Record, found: list[CwrFinding]) -> Shown:
    """Return a record's line: its number, type, sequence numbers and fields, those in colours by turns."""
    raw = record.raw
    spans = [Span(f"{record.line:>{GUTTER_CHARS - 1}} ", "line")]
    layout = record.layout
    if layout is None:
        return (*spans, Span(safe(raw), "unknown"))
    spans.append(Span(safe(raw[:3]), "type"))
    if layout.prefixed:
        spans.append(Span(safe(raw[3:PREFIX_CHARS]), "sequence"))
    faulty = {finding.field for finding in found if finding.field and finding.severity is not Severity.INFO}
    for position, field in enumerate(layout.fields):
        text = raw[field.start : field.end]
        if text:
            style = "fault" if field.name in faulty else ("odd" if position % 2 else "even")
            spans.append(Span(safe(text), style))
    rest = raw[layout.length :]
    if rest:
        spans.append(Span(safe(rest), "beyond"))
    return tuple(spans)


def _notes(record: Record, found: list[CwrFinding]) -> Iterator[Shown]:
    """Give for each finding marks under its field, and what it says."""
    for finding in sorted(found, key=lambda one: one.column):
        if finding.field and record.layout is not None:
            field = record.layout.field(finding.field)
            before = width(safe(record.raw[: field.start])) + max(0, field.start - len(record.raw))
            marks = "^" * max(width(safe(record.raw[field.start : field.end])), 1)
            yield (Span(" " * (GUTTER_CHARS + before), "line"), Span(marks, "mark"))
        yield _message(finding)


def _message(finding: CwrFinding) -> Shown:
    about = f"{finding.field} {finding.value!r} " if finding.field else ""
    remedy = f" ({finding.remedy})" if finding.remedy else ""
    text = f"{finding.severity.value} {finding.level.value} {finding.rule}: {about}{finding.message}{remedy}"
    return (Span(" " * GUTTER_CHARS, "line"), Span(safe(text), finding.severity.value))
