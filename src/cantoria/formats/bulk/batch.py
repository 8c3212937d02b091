"""The rows of a batch as Parquet bytes, and back, strictly checked (spec/batch.md, layout 1)."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cantoria import codes
from cantoria.formats.limits import BULK
from cantoria.kernel.errors import InputError
from cantoria.registry.bulk import CODES_MAX, ROWS_MAX
from cantoria.registry.bulk_facts import BatchRegistered, BatchTable
from cantoria.registry.types import Relation

LAYOUT: Final = 1
_LIST: Final = pa.list_(pa.string())
SCHEMAS: Final = {
    BatchTable.RECORDINGS: pa.schema(
        [
            ("id", pa.string()),
            ("line", pa.int64()),
            ("title", pa.string()),
            ("display_artist", pa.string()),
            ("isrc", pa.string()),
            ("codes", _LIST),
            ("duration_ms", pa.int64()),
            ("version", pa.string()),
            ("works", _LIST),
        ]
    ),
    BatchTable.WORKS: pa.schema(
        [("id", pa.string()), ("line", pa.int64()), ("title", pa.string()), ("iswc", pa.string()), ("codes", _LIST)]
    ),
    BatchTable.LINKS: pa.schema(
        [("left", pa.string()), ("line", pa.int64()), ("relation", pa.string()), ("right", pa.string())]
    ),
}
KEY: Final = {BatchTable.RECORDINGS: "isrc", BatchTable.WORKS: "iswc"}
PREFIX: Final = {BatchTable.RECORDINGS: "recording", BatchTable.WORKS: "work"}
_OWN_ID: Final = "[0-7][0-9a-hjkmnp-tv-z]{25}$"
_KEY_FORM: Final = {"isrc": "^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$", "iswc": "^T[0-9]{10}$"}
_CONTROL: Final = r"[\x00-\x1f\x7f]"
_MAYBE_EMPTY: Final = frozenset({"isrc", "iswc", "duration_ms"})
_ENCODINGS: Final = {"id": "DELTA_BYTE_ARRAY", "left": "DELTA_BYTE_ARRAY", "line": "DELTA_BINARY_PACKED"}
_REPEATING: Final = ("display_artist", "version", "relation")


def encode(table: pa.Table, *, kind: BatchTable) -> bytes:
    """Return rows, sorted by their first column, as the bytes of a batch."""
    sink = pa.BufferOutputStream()
    names = table.column_names
    pq.write_table(
        table.cast(SCHEMAS[kind]),
        sink,
        compression="zstd",
        compression_level=3,
        row_group_size=ROWS_MAX,
        use_dictionary=[name for name in _REPEATING if name in names],
        column_encoding={name: coding for name, coding in _ENCODINGS.items() if name in names},
        write_statistics=False,
        store_schema=False,
    )
    return bytes(sink.getvalue())


def decode(data: bytes, *, fact: BatchRegistered) -> pa.Table:
    """Return the rows of a batch, or raise `InputError`: then the whole batch has no effect, everywhere alike."""
    if fact.version != LAYOUT:
        raise _wrong(f"has layout {fact.version}", f"this code reads layout {LAYOUT}")
    try:
        table = _read(data, fact)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _wrong(f"cannot be read: {str(error)[:200]}") from error
    if table.num_rows != fact.rows or table.num_rows == 0:
        raise _wrong(f"has {table.num_rows} rows, not {fact.rows}")
    names = table.column(0)
    if (names[0].as_py(), names[-1].as_py()) != (fact.first, fact.last):
        raise _wrong("does not begin and end with the ids that its fact names")
    _check_columns(table, fact.table)
    return table


def _read(data: bytes, fact: BatchRegistered) -> pa.Table:
    file = pq.ParquetFile(pa.BufferReader(data))
    about = file.metadata
    size = sum(about.row_group(number).total_byte_size for number in range(about.num_row_groups))
    if about.num_rows > ROWS_MAX or about.num_row_groups > ROWS_MAX // 1000 or size > BULK.batch_bytes_max:
        raise _wrong(f"has {about.num_rows} rows and {size} bytes", f"at most {ROWS_MAX} rows")
    schema = SCHEMAS[fact.table]
    if file.schema_arrow.names != schema.names:
        raise _wrong(f"has columns {', '.join(file.schema_arrow.names)[:200]}")
    table = file.read().cast(schema).combine_chunks()
    table.validate(full=True)
    return table


def _check_columns(table: pa.Table, kind: BatchTable) -> None:
    for name in table.column_names:
        if name not in _MAYBE_EMPTY and table.column(name).null_count:
            raise _wrong(f"lacks a value of {name}")
    if kind is BatchTable.LINKS:
        _check_links(table)
        return
    names = table.column("id")
    if not _all(pc.match_substring_regex(names, f"^{PREFIX[kind]}_{_OWN_ID}")):
        raise _wrong("has an id that is none")
    if table.num_rows > 1 and not _all(pc.less(names.slice(0, table.num_rows - 1), names.slice(1))):
        raise _wrong("is not sorted by id, each once")
    for name in ("title", "display_artist", "version"):
        if name in table.column_names:
            _check_text(table.column(name), name)
    if _any(pc.equal(table.column("title"), "")):
        raise _wrong("has a row without a title")
    key = KEY[kind]
    if not _all(pc.match_substring_regex(table.column(key), _KEY_FORM[key])):
        raise _wrong(f"has an {key.upper()} that is none")
    if kind is BatchTable.RECORDINGS:
        _check_recordings(table)
    _check_list(table.column("codes"), "codes")
    unique = table.column("codes").combine_chunks().flatten().unique().to_pylist()
    for code in unique:
        if code is None:
            raise _wrong("has an empty code")
        codes.split_key(code)


def _check_recordings(table: pa.Table) -> None:
    lengths = table.column("duration_ms")
    if _any(pc.or_(pc.less(lengths, 0), pc.greater(lengths, BULK.duration_ms_max))):
        raise _wrong("has a duration out of bounds")
    works = table.column("works")
    _check_list(works, "works")
    flat = works.combine_chunks().flatten()
    if flat.null_count or not _all(pc.match_substring_regex(flat, f"^work_{_OWN_ID}")):
        raise _wrong("names a work by what is no id")


def _check_links(table: pa.Table) -> None:
    for name in ("left", "right"):
        column = table.column(name)
        _check_text(column, name)
        if _any(pc.equal(column, "")):
            raise _wrong(f"has an empty {name}")
    known = pa.array([one.value for one in Relation])
    if not _all(pc.is_in(table.column("relation"), value_set=known)):
        raise _wrong("has an unknown relation")


def _check_text(column: Any, name: str) -> None:
    if _any(pc.greater(pc.utf8_length(column), BULK.text_chars_max)):
        raise _wrong(f"has a {name} of more than {BULK.text_chars_max} characters")
    if _any(pc.match_substring_regex(column, _CONTROL)):
        raise _wrong(f"has control characters in {name}")


def _check_list(column: Any, name: str) -> None:
    if _any(pc.greater(pc.list_value_length(column), CODES_MAX)):
        raise _wrong(f"has a row with more than {CODES_MAX} {name}")


def _any(mask: Any) -> bool:
    return bool(pc.any(mask).as_py())


def _all(mask: Any) -> bool:
    return pc.all(mask).as_py() is not False


def _wrong(why: str, remedy: str = "its sender makes it anew by spec/batch.md") -> InputError:
    return InputError(f"the batch {why}", remedy)
