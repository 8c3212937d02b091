"""A file for the eyes: some of its lines, cut into fields, with what is wrong marked where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

from cantoria.app.trade_files import Form
from cantoria.formats.cwr.layout import RecordLayout, layout_of
from cantoria.formats.cwr.opening import version_of
from cantoria.formats.cwr.view import safe
from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.formats.sheet import open_table
from cantoria.formats.sheet.rows import Broken
from cantoria.kernel.errors import InputError

LINE_CHARS_MAX: Final = 1_200
LINES_MAX: Final = 200
CELLS_MAX: Final = 40
CELL_CHARS_MAX: Final = 200
NOTES_MAX: Final = 20  # of one line
_TABLES: Final = frozenset({Form.CSV, Form.YOUTUBE, Form.WORKLIST, Form.BWARM, Form.SHEET})

Note = dict[str, Any]  # a finding as JSON
Shows = Callable[[int], bool]  # whether a line is to be drawn


def lines_of(
    form: Form,
    stream: BinaryIO,
    *,
    name: str,
    start: int = 1,
    count: int = 50,
    notes: Sequence[Note] = (),
    faults: bool = False,
    limits: SheetLimits = SHEET,
) -> dict[str, Any]:
    """Return up to `count` lines from the line `start` on, with the findings about them; with `faults` only lines that
    have some. `more` is the line to go on from, 0 where there is none."""
    about: dict[int, list[Note]] = {}
    for one in notes:
        about.setdefault(one["line"], []).append(one)
    wanted = min(count, LINES_MAX)

    def shows(line: int) -> bool:
        return line >= start and (not faults or line in about)

    drawn = _cells(stream, name, about, shows, limits) if form in _TABLES else _text(form, stream, about, shows)
    found = list(islice(drawn, wanted + 1))
    more = found[wanted]["line"] if len(found) > wanted else 0
    return {"layout": "cells" if form in _TABLES else "text", "rows": found[:wanted], "more": more, "start": start}


def _cells(
    stream: BinaryIO, name: str, about: dict[int, list[Note]], shows: Shows, limits: SheetLimits
) -> Iterator[dict[str, Any]]:
    """Give the rows of a table, each as its cells; one that cannot be read, as why."""
    for row in open_table(stream, file=name, limits=limits).rows:
        if not shows(row.line):
            continue
        found = about.get(row.line, [])
        if isinstance(row, Broken):
            yield _line(row.line, [_span(row.why, "fault")], found)
            continue
        faulty = {one["column"] for one in found if one["severity"] != "info"}
        spans = [
            _span(cell[:CELL_CHARS_MAX], "fault" if place in faulty else "plain")
            for place, cell in enumerate(row.cells[:CELLS_MAX], 1)
        ]
        yield _line(row.line, spans, found)


def _text(form: Form, stream: BinaryIO, about: dict[int, list[Note]], shows: Shows) -> Iterator[dict[str, Any]]:
    """Give the lines of a text, those of CWR cut into fields."""
    version = ""
    lines = _raw(stream)
    if form is Form.CWR:
        head = list(islice(lines, 2))
        version = _version(head)
        lines = _chained(head, lines)
    for number, raw in enumerate(lines, 1):
        if not shows(number):
            continue
        found = about.get(number, [])
        layout = _layout(version, raw[:3]) if version else None
        faulty = {one["field"] for one in found if one["severity"] != "info"}
        if layout is not None:
            yield _line(number, _fields(raw[:LINE_CHARS_MAX], layout, faulty), found)
        else:
            wrong = any(one["severity"] == "error" for one in found)
            yield _line(number, [_span(safe(raw[:LINE_CHARS_MAX]), "fault" if wrong else "plain")], found)


def _fields(raw: str, layout: RecordLayout, faulty: Iterable[str]) -> list[dict[str, str]]:
    spans = [_span(safe(raw[:3]), "type")]
    if layout.prefixed:
        spans.append(_span(safe(raw[3:19]), "sequence"))
    for place, one in enumerate(layout.fields):
        text = raw[one.start : one.end]
        if text:
            style = "fault" if one.name in faulty else "odd" if place % 2 else "even"
            spans.append({**_span(safe(text), style), "field": one.name})
    if raw[layout.length :]:
        spans.append(_span(safe(raw[layout.length :]), "beyond"))
    return spans


def _raw(stream: BinaryIO) -> Iterator[str]:
    """Give lines as text, whatever they hold; a line without end is cut, so that it is no more than that in memory."""
    while line := stream.readline(1 << 16):
        whole = line
        while line and not line.endswith(b"\n"):
            line = stream.readline(1 << 16)  # the rest of a line that is far too long is passed over
        yield whole.rstrip(b"\r\n").decode("utf-8", "replace")


def _version(head: Sequence[str]) -> str:
    try:
        return version_of(head[0] if head else "", head[1] if len(head) > 1 else "")
    except InputError:
        return ""


def _layout(version: str, kind: str) -> RecordLayout | None:
    try:
        return layout_of(version).record(kind)
    except InputError:
        return None


def _chained(head: Sequence[str], rest: Iterator[str]) -> Iterator[str]:
    yield from head
    yield from rest


def _span(text: str, style: str) -> dict[str, str]:
    return {"text": text, "style": style}


def _line(number: int, spans: list[dict[str, str]], notes: list[Note]) -> dict[str, Any]:
    return {"line": number, "spans": spans, "notes": notes[:NOTES_MAX], "notes_more": max(0, len(notes) - NOTES_MAX)}
