"""Salts and bodies of recorded facts as members hand them to each other, in pages, each checked against its envelope.

u64 next ‖ for each body: u64 leaf index ‖ 32 salt ‖ u32 length ‖ body
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import FactType
from cantoria.ledger.envelope import BODY_BYTES_MAX, ENVELOPE_BYTES, body_prefix
from cantoria.ledger.ports import LedgerStore

PAGE_BYTES_MAX: Final = 8 * 1024 * 1024
RANGE_MAX: Final = 65_536
_CHUNK: Final = 256
_NEXT: Final = struct.Struct(">Q")
_HEAD: Final = struct.Struct(">Q32sI")
Row = tuple[int, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Page:
    """Bodies, each (leaf index, salt, body), and the index at which the next page begins."""

    next: int
    rows: tuple[Row, ...]


def read_page(store: LedgerStore, start: int, *, stop: int) -> Page:
    """Return what is held of the bodies beside the entries [start, stop), or of the first of them that fill a page."""
    stop = min(stop, start + RANGE_MAX)
    rows: list[Row] = []
    size = 0
    for at in range(start, stop, _CHUNK):
        for one in store.bodies(at, stop=min(at + _CHUNK, stop)):
            if one.salt is None or one.body is None:
                continue
            size += _HEAD.size + len(one.body)
            if rows and size > PAGE_BYTES_MAX:
                return Page(one.index, tuple(rows))
            rows.append((one.index, one.salt, one.body))
    return Page(stop, tuple(rows))


def pack_page(page: Page) -> bytes:
    """Return the bytes of a page."""
    parts = [_NEXT.pack(page.next)]
    for index, salt, body in page.rows:
        parts += [_HEAD.pack(index, salt, len(body)), body]
    return b"".join(parts)


def unpack_page(data: bytes) -> Page:
    """Return the page in these bytes, or raise `InputError`; nothing is verified."""
    if len(data) < _NEXT.size:
        raise InputError("this is no page of bodies", "see spec/data.md")
    rows: list[Row] = []
    at = _NEXT.size
    while at < len(data):
        head = data[at : at + _HEAD.size]
        if len(head) != _HEAD.size:
            raise InputError("the page of bodies is cut off", "ask for it again")
        index, salt, length = _HEAD.unpack(head)
        at += _HEAD.size
        body = data[at : at + length]
        if len(body) != length or length > BODY_BYTES_MAX:
            raise InputError("a body on the page is cut off or too large", "ask for it again")
        at += length
        rows.append((index, salt, body))
    return Page(_NEXT.unpack(data[: _NEXT.size])[0], tuple(rows))


def committed(rows: Iterable[Row], *, store: LedgerStore, types: Mapping[int, FactType]) -> tuple[list[Row], list[int]]:
    """Return those of the rows that are what their envelopes commit to, and the indices of all others."""
    given = list(rows)
    right: list[Row] = []
    wrong: list[int] = []
    first = min((one[0] for one in given), default=0)
    stop = min(max((one[0] for one in given), default=0) + 1, store.head().size, first + RANGE_MAX)
    entries = store.entries(first, stop=stop) if first < stop else []
    for index, salt, body in given:
        entry = entries[index - first] if index - first < len(entries) else b""
        if matches(entry, salt, body, types=types):
            right.append((index, salt, body))
        else:
            wrong.append(index)
    return right, wrong


def matches(entry: bytes, salt: bytes, body: bytes, *, types: Mapping[int, FactType]) -> bool:
    """Tell whether an entry is an envelope that commits to this salt and body."""
    if len(entry) != ENVELOPE_BYTES or entry[0] != 1:
        return False
    known = types.get(int.from_bytes(entry[1:3], "big"))
    return known is not None and sha256(body_prefix(known.tag, known.name) + salt + body).digest() == entry[76:108]
