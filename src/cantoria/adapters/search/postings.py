"""Which documents a term stands in: lists of 32-bit values, `document << 3 | class`, ascending, packed.

The class is 0 for a word of an artist's name, else how many words the title has (6 = six or more). A list is kept in
pieces of 2²⁰ documents; a piece is a row of frames, so that adding to it is writing one more at its end:

    one byte n < 128, then n values of four bytes; or the byte 128, n and m in four bytes each, then m bytes of zstd:
    the first value and the differences, four bytes each
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

import pyarrow as pa
import pyarrow.compute as pc

CLASS_BITS: Final = 3
ARTIST: Final = 0
LONG: Final = 6
PIECE_BITS: Final = 23  # of a value: 2²⁰ documents
KEY_SHIFT: Final = 32 - PIECE_BITS  # a list's key is term << 9 | piece
DOCS_MAX: Final = 1 << (32 - CLASS_BITS)
_PACKED: Final = 128
_HEAD: Final = struct.Struct("<BII")
_CODEC: Final = pa.Codec("zstd", compression_level=3)
NONE: Final = pa.array([], pa.uint32())
_YES: Final = pa.array([True])


class Vocabulary(Protocol):
    """Numbers terms."""

    def terms_of(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the numbers of the terms of each text."""
        ...


def lists_of(
    titles: pa.Array, artists: pa.Array | None, *, first: int, vocabulary: Vocabulary
) -> Iterator[tuple[int, bytes]]:
    """Give for documents from `first` on, in order of keys, each list's key and one frame to be added to it."""
    parts = [_keyed(titles, first, vocabulary, artist=False)]
    if artists is not None:
        parts.append(_keyed(artists, first, vocabulary, artist=True))
    joined = pa.concat_arrays(parts)
    if not len(joined):
        return
    ordered = _once(joined.take(pc.sort_indices(joined)))
    values = pc.bit_wise_and(ordered, pa.scalar(0xFFFFFFFF, pa.uint64())).cast(pa.uint32())
    steps = pc.fill_null(pc.pairwise_diff(values), pa.scalar(0, pa.uint32()))
    runs = pc.run_end_encode(pc.shift_right(ordered, pa.scalar(PIECE_BITS, pa.uint64())))
    plain, stepped = _view(values), _view(steps)
    start = 0
    for key, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
        yield key, _frame(plain, stepped, start, end)
        start = end


def unpack(packed: bytes) -> pa.Array:
    """Return the values of a piece."""
    found = []
    place, view = 0, memoryview(packed)
    while place < len(view):
        count = view[place]
        if count < _PACKED:
            stop = place + 1 + 4 * count
            found.append(pa.Array.from_buffers(pa.uint32(), count, [None, pa.py_buffer(view[place + 1 : stop])]))
        else:
            _, count, size = _HEAD.unpack_from(view, place)
            stop = place + _HEAD.size + size
            buffer = _CODEC.decompress(view[place + _HEAD.size : stop], decompressed_size=4 * count)
            found.append(pc.cumulative_sum(pa.Array.from_buffers(pa.uint32(), count, [None, buffer])))
        place = stop
    return found[0] if len(found) == 1 else pa.concat_arrays(found) if found else NONE


def pack(values: pa.Array) -> bytes:
    """Return ascending values as one frame, nothing as none."""
    if not len(values):
        return b""
    steps = pc.fill_null(pc.pairwise_diff(values), pa.scalar(0, pa.uint32()))
    return _frame(_view(values), _view(steps), 0, len(values))


def values_of(numbers: Sequence[int]) -> pa.Array:
    """Return a few numbers as values."""
    buffer = pa.py_buffer(array("I", numbers).tobytes())
    return pa.Array.from_buffers(pa.uint32(), len(numbers), [None, buffer])


def docs(values: pa.Array) -> pa.Array:
    """Return the documents of values; one with a word in its title and in its artist's name stands there twice."""
    return pc.shift_right(values, pa.scalar(CLASS_BITS, pa.uint32()))


def of_class(values: pa.Array, wanted: int) -> pa.Array:
    """Return the values of one class."""
    classes = pc.bit_wise_and(values, pa.scalar((1 << CLASS_BITS) - 1, pa.uint32()))
    return values.filter(pc.equal(classes, pa.scalar(wanted, pa.uint32())))


def union(parts: Sequence[pa.Array]) -> pa.Array:
    """Return the values of all parts, ascending, each once."""
    full = [part for part in parts if len(part)]
    if len(full) < 2:
        return full[0] if full else NONE
    joined = pa.concat_arrays(full)
    return _once(joined.take(pc.sort_indices(joined)))


def among(values: pa.Array, others: pa.Array) -> pa.Array:
    """Return those of the values whose document is among those of others."""
    return values.filter(pc.is_in(docs(values), value_set=docs(others)))


def common(parts: Sequence[pa.Array]) -> pa.Array:
    """Return what all parts hold, ascending."""
    ordered = sorted(parts, key=len)
    found = ordered[0] if ordered else NONE
    for part in ordered[1:]:
        if not len(found):
            return found
        found = part.filter(pc.is_in(part, value_set=found))
    return found


def _keyed(texts: pa.Array, first: int, vocabulary: Vocabulary, *, artist: bool) -> pa.Array:
    """Return term << 32 | value for every term of every text."""
    lists = pc.utf8_split_whitespace(texts)
    coded = lists.flatten().dictionary_encode()
    numbers = pa.array(vocabulary.terms_of(coded.dictionary.to_pylist()), pa.list_(pa.uint64()))
    found = pc.take(numbers, coded.indices)
    place = pc.take(pc.list_parent_indices(lists), pc.list_parent_indices(found)).cast(pa.uint64())
    if artist:
        kind: Any = pa.scalar(ARTIST, pa.uint64())
    else:
        lengths = pc.min_element_wise(pc.list_value_length(lists), LONG).cast(pa.uint64())
        kind = pc.take(lengths, place)
    value = pc.bit_wise_or(
        pc.shift_left(pc.add(place, pa.scalar(first, pa.uint64())), pa.scalar(CLASS_BITS, pa.uint64())), kind
    )
    keyed = pc.bit_wise_or(pc.shift_left(found.flatten(), pa.scalar(32, pa.uint64())), value)
    return keyed.combine_chunks() if isinstance(keyed, pa.ChunkedArray) else keyed


def _once(ordered: pa.Array) -> pa.Array:
    if len(ordered) < 2:
        return ordered
    fresh = pc.not_equal(ordered.slice(1), ordered.slice(0, len(ordered) - 1))
    return ordered.filter(pa.concat_arrays([_YES, fresh]))


def _frame(plain: memoryview, stepped: memoryview, start: int, end: int) -> bytes:
    count = end - start
    if count < _PACKED:
        return bytes((count,)) + plain[4 * start : 4 * end]
    raw = bytes(plain[4 * start : 4 * start + 4]) + stepped[4 * start + 4 : 4 * end]
    packed: bytes = _CODEC.compress(raw, asbytes=True)
    return _HEAD.pack(_PACKED, count, len(packed)) + packed


def _view(column: pa.Array) -> memoryview:
    start, stop = 4 * column.offset, 4 * (column.offset + len(column))
    return memoryview(column.buffers()[1])[start:stop]
