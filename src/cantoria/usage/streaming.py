"""Attachments of usage as a stream: checked without holding them in memory, and the path of one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cantoria.kernel import canonical
from cantoria.kernel.codec import from_json
from cantoria.kernel.errors import InputError
from cantoria.ledger import merkle
from cantoria.ledger.tiles import Edge
from cantoria.usage.lines import check_line, encode_line
from cantoria.usage.types import LINES_MAX, GenerationEvent, UsageLine

LINE_BYTES_MAX: Final = 1 << 20
_LEAVES: Final = 4096


@dataclass(frozen=True, slots=True)
class Sums:
    """What a report says of its attachment: how many lines, all plays in them, and the Merkle root (hex)."""

    lines: int
    plays: int
    root: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One line with its RFC 6962 path (leaf side first), the number of lines and the root (32 bytes)."""

    line: bytes
    path: tuple[bytes, ...]
    lines: int
    root: bytes


def lines_of(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of an attachment without their ends; a last line that does not end, or is larger than
    `LINE_BYTES_MAX`, is an `InputError`."""
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from whole
        if len(rest) > LINE_BYTES_MAX:
            raise InputError(f"a line is longer than {LINE_BYTES_MAX} bytes", "send the lines that were recorded")
    if rest:
        raise InputError("the last line does not end: the file may be cut off", "send the whole file")


def sums_of(parts: Iterable[bytes], kind: type[UsageLine | GenerationEvent]) -> Sums:
    """Return the sums over an attachment of lines of this kind; the first line that is none, or is not in its one
    spelling, is an `InputError`."""
    edge, leaves, plays, count = Edge(), [], 0, 0
    for raw in lines_of(parts):
        count += 1
        if count > LINES_MAX:
            raise InputError(f"there are more than {LINES_MAX} lines", "send several batches")
        try:
            value = from_json(kind, canonical.decode(raw, size_max=LINE_BYTES_MAX))
            check_line(value)
        except InputError as error:
            raise InputError(f"line {count}: {error.message}", error.remedy) from error
        if encode_line(value) != raw:
            raise InputError(f"line {count} spells out a default", "leave out fields that have their default")
        plays += value.plays if isinstance(value, UsageLine) else 0
        leaves.append(merkle.leaf_hash(raw))
        if len(leaves) == _LEAVES:
            edge, _ = edge.extend(leaves)
            leaves = []
    edge, _ = edge.extend(leaves)
    return Sums(count, plays, edge.root().hex())


def leaf_of(parts: Iterable[bytes], number: int, *, lines: int) -> Leaf:
    """Return line `number`, from 0, of an attachment that has `lines` of them, with its path; `InputError` where there
    is none. The siblings' subtrees are hashed one after the other as the lines pass by."""
    if not 0 <= number < lines:
        raise InputError(f"there is no line {number} among {lines}", "count lines from 0")
    ranges = sorted([*_siblings(number, lines), (number, number + 1)])
    hashes: dict[int, bytes] = {}
    found = b""
    passing = lines_of(parts)
    for start, stop in ranges:
        edge = Edge()
        for at in range(start, stop, _LEAVES):
            taken = [line for _, line in zip(range(at, min(at + _LEAVES, stop)), passing, strict=False)]
            if len(taken) != min(at + _LEAVES, stop) - at:
                raise InputError(f"the file has fewer than {lines} lines", "ask for the file that was recorded")
            edge, _ = edge.extend(merkle.leaf_hashes(taken))
            if start == number:
                found = taken[0]
        hashes[start] = edge.root()
    if next(passing, None) is not None:
        raise InputError(f"the file has more than {lines} lines", "ask for the file that was recorded")
    path = tuple(hashes[start] for start, _ in _siblings(number, lines))
    root = merkle.root_from_inclusion(merkle.leaf_hash(found), number, size=lines, proof=path)
    return Leaf(found, path, lines, root or b"")


def _siblings(number: int, size: int) -> list[tuple[int, int]]:
    """Return the leaves under each sibling on the way from leaf `number` up to the root, leaf side first."""
    ranges = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + merkle.split_point(stop - start)
        if number < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]
