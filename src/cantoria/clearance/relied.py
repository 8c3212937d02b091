"""Which statements the cleared rows of a certificate rest on: the file that a revocation is looked up in.

JSON lines `["statement-id",[[first,last],…]]` in byte order of the ids: for each statement the ranges of lines that
rely on it, both ends included. Most statements speak for long stretches of a catalogue, so ranges keep this small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError

Ranges = tuple[tuple[int, int], ...]
RECORD_BYTES_MAX: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Relied:
    """For each statement id the ranges of manifest lines (both ends included) that are cleared because of it."""

    ranges: Mapping[str, Ranges]

    def lines_of(self, statement: str) -> Iterator[int]:
        """Iterate over the lines that rely on `statement`, ascending."""
        for first, last in self.ranges.get(statement, ()):
            yield from range(first, last + 1)

    def statements_of(self, line: int) -> tuple[str, ...]:
        """Return the statements that `line` relies on, sorted."""
        found = (
            statement
            for statement, ranges in self.ranges.items()
            if any(first <= line <= last for first, last in ranges)
        )
        return tuple(sorted(found))

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        ordered = sorted(self.ranges.items(), key=lambda item: item[0].encode())
        return b"".join([canonical.encode([statement, ranges]) + b"\n" for statement, ranges in ordered])


def collect(because: Iterable[tuple[int, Iterable[str]]]) -> Relied:
    """Return what the cleared rows rely on, from (line, statement ids) with lines ascending."""
    found: dict[str, list[list[int]]] = {}
    for line, statements in because:
        for statement in statements:
            ranges = found.setdefault(statement, [])
            if ranges and line <= ranges[-1][1] + 1:
                if line < ranges[-1][1]:
                    raise InputError(f"line {line} comes after line {ranges[-1][1]}", "give the lines in order")
                ranges[-1][1] = line
            else:
                ranges.append([line, line])
    return Relied({key: tuple((low, high) for low, high in ranges) for key, ranges in found.items()})


def decode_relied(data: bytes) -> Relied:
    """Return what `data` says, or raise `InputError` unless it is exactly what `encode` writes."""
    if data and not data.endswith(b"\n"):
        raise InputError("the file of relied statements ends within a line", "fetch it again")
    found: dict[str, Ranges] = {}
    last = b""
    for line in data.split(b"\n")[:-1]:
        statement, ranges = _record(canonical.decode(line, size_max=RECORD_BYTES_MAX))
        if statement.encode() <= last:
            raise InputError("statements are not in order", "fetch the file again", {"statement": statement})
        last = statement.encode()
        found[statement] = ranges
    return Relied(found)


def _record(value: Any) -> tuple[str, Ranges]:
    match value:
        case [str(statement), list(pairs)] if pairs:
            ranges = []
            edge = 0
            for pair in pairs:
                first, last = _range(pair)
                if first <= edge + (edge > 0):
                    raise InputError("ranges overlap or touch", "fetch the file again", {"statement": statement})
                ranges.append((first, last))
                edge = last
            return statement, tuple(ranges)
        case _:
            raise InputError(f"{value!r:.80} is not a statement with its lines", "fetch the file again")


def _range(pair: Any) -> tuple[int, int]:
    if type(pair) is not list or len(pair) != 2 or any(type(end) is not int for end in pair):
        raise InputError(f"{pair!r:.80} is not a range of lines", "fetch the file again")
    first, last = pair
    if not 1 <= first <= last:
        raise InputError(f"{first}..{last} is not a range of lines", "fetch the file again")
    return first, last
