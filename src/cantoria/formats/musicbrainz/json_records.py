"""Records of JSON: one document of the web service, or a dump of JSON lines, which is read line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from cantoria.formats.limits import JSON, JsonLimits
from cantoria.formats.musicbrainz.kinds import LISTS
from cantoria.formats.musicbrainz.values import Value
from cantoria.kernel.errors import InputError

_STRUCTURE: Final = (b"[", b"{", b",")
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A record of the file: the line on which it stands (1-based), the kind that its list says, its value, or why it
    cannot be read."""

    line: int
    kind: str = ""
    value: Value | None = None
    wrong: str = ""


def json_records(stream: BinaryIO, *, file: str, limits: JsonLimits = JSON) -> Iterator[Found]:
    """Give the records of a JSON file, however it is laid out. Raises `InputError` for a file that is no JSON."""
    line, first = _first_line(stream, limits)
    if not first.strip():
        raise InputError(f"{file} is empty", "send a document or a dump of MusicBrainz")
    try:
        value = _parse(first, limits)
    except ValueError as error:
        yield from _not_one_line(stream, first, line, file=file, limits=limits, why=str(error))
        return
    yield from _unfold(value, line)
    yield from _lines(stream, line, limits=limits)


def _first_line(stream: BinaryIO, limits: JsonLimits) -> tuple[int, bytes]:
    number = 0
    while True:
        data = stream.readline(limits.document_bytes_max + 1)
        number += 1
        data = data.removeprefix(_BOM) if number == 1 else data
        if not data or data.strip():
            return number, data


def _not_one_line(
    stream: BinaryIO, first: bytes, line: int, *, file: str, limits: JsonLimits, why: str
) -> Iterator[Found]:
    """Go on after a first line that is no JSON by itself: a document over several lines, or a broken line of a dump."""
    if len(first) > limits.document_bytes_max:
        raise InputError(f"{file} is larger than {limits.document_bytes_max} bytes", "send a dump of JSON lines")
    second = stream.readline(limits.line_bytes_max + 1)
    opens = first.strip() in (b"{", b"[")
    if not opens and second.lstrip(b"\r\n")[:1] == b"{" and first.lstrip()[:1] == b"{":
        yield Found(line=line, wrong=f"the line is not JSON: {why}")
        yield from _line(second, line + 1, limits=limits)
        yield from _lines(stream, line + 1, limits=limits)
        return
    rest = stream.read(limits.document_bytes_max + 1)
    if len(first) + len(second) + len(rest) > limits.document_bytes_max:
        raise InputError(f"{file} is larger than {limits.document_bytes_max} bytes", "send a dump of JSON lines")
    try:
        value = _parse(first + second + rest, limits)
    except ValueError as error:
        raise InputError(f"{file} is not JSON: {error}"[:300], "send a document or a dump of MusicBrainz") from error
    yield from _unfold(value, line)


def _lines(stream: BinaryIO, number: int, *, limits: JsonLimits) -> Iterator[Found]:
    while data := stream.readline(limits.line_bytes_max + 1):
        number += 1
        if len(data) > limits.line_bytes_max:
            while data and not data.endswith(b"\n"):
                data = stream.readline(limits.line_bytes_max + 1)
            yield Found(line=number, wrong=f"the line is longer than {limits.line_bytes_max} bytes")
        else:
            yield from _line(data, number, limits=limits)


def _line(data: bytes, number: int, *, limits: JsonLimits) -> Iterator[Found]:
    if not data.strip():
        return
    try:
        value = _parse(data, limits)
    except ValueError as error:
        yield Found(line=number, wrong=f"the line is not JSON: {error}"[:300])
        return
    yield from _unfold(value, number)


def _parse(data: bytes, limits: JsonLimits) -> Any:
    """Return the value that `data` spells; `ValueError` where it is no JSON, or too much."""
    if sum(data.count(mark) for mark in _STRUCTURE) > limits.values_max:
        raise ValueError(f"it holds more than {limits.values_max} values")
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def _unfold(value: Any, line: int) -> Iterator[Found]:
    """Give the records of a value: itself, the items of a list, or those of a document's list of one kind."""
    if isinstance(value, list):
        for item in value:
            yield from _unfold(item, line) if isinstance(item, dict) else _odd(line)
        return
    if not isinstance(value, Mapping):
        yield from _odd(line)
        return
    if "error" in value and "id" not in value:
        yield Found(line=line, wrong="this is an error that the service answered, no data")
        return
    held = [(name, kind) for name, kind in LISTS.items() if isinstance(value.get(name), list)]
    if "id" in value or not held:
        yield Found(line=line, value=value)
        return
    for name, kind in held:
        for item in value[name]:
            if isinstance(item, dict):
                yield Found(line=line, kind=kind, value=item)
            else:
                yield from _odd(line)


def _odd(line: int) -> Iterator[Found]:
    yield Found(line=line, wrong="the record is no JSON object")
