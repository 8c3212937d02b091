"""A large table in, stretch by stretch: Parquet or CSV of any size, in memory that does not grow with it."""

from __future__ import annotations

import codecs
import csv
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from cantoria.formats.limits import BULK
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError
from cantoria.registry.bulk_facts import BatchTable

COLUMNS: Final = {
    BatchTable.RECORDINGS: (
        "title",
        "display_artist",
        "isrc",
        "codes",
        "duration_ms",
        "version",
        "works",
        "iswc",
    ),
    BatchTable.WORKS: ("title", "iswc", "codes"),
    BatchTable.LINKS: ("left", "relation", "right"),
}
NEEDED: Final = {
    BatchTable.RECORDINGS: ("title",),
    BatchTable.WORKS: ("title",),
    BatchTable.LINKS: ("left", "relation", "right"),
}
ALSO: Final = {"artist": "display_artist"}  # names of columns that need no mapping
MAGIC: Final = b"PAR1"
CSV_LINE: Final = 2  # of the first record
_BLOCK_BYTES: Final = 8 << 20
_RECORD_BYTES_MAX: Final = 64 << 20  # a quote that never closes ends here
_READ_ROWS: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A stretch of the file: `taken` records from record `start` (0-based) on. `rows` has the column `line` (of a
    Parquet file the record's number, 1-based; of a CSV file one more, for its header) and, as text, our columns that
    the file has; `malformed` are the records that are no rows at all, which are not in it."""

    start: int
    taken: int
    rows: pa.Table
    malformed: tuple[Finding, ...] = field(default=())


def read(
    stream: BinaryIO,
    *,
    file: str,
    table: BatchTable,
    mapping: Mapping[str, str] | None = None,
    start: int = 0,
    rows_per_chunk: int,
) -> Iterator[Chunk]:
    """Give the records from record `start` (0-based) on, in chunks; `mapping` names the file's column for each of ours.

    Raises `InputError` where the file is neither Parquet nor CSV with the columns that are needed. A record of a CSV
    file with line breaks in its cells counts as one line.
    """
    stream.seek(0)
    parquet = stream.read(4) == MAGIC
    stream.seek(0)
    given = {**(mapping or {})}
    unknown = sorted(given.keys() - set(COLUMNS[table]))
    if unknown:
        raise InputError(f"{table.value} have no column {unknown[0]}", "they have " + ", ".join(COLUMNS[table]))
    try:
        records = _parquet(stream, table, given, start) if parquet else _csv(stream, file, table, given, start)
        yield from _chunks(records, start, rows_per_chunk)
    except (pa.ArrowException, OSError, ValueError) as error:  # the library raises each of them for damaged files
        raise InputError(f"{file} cannot be read: {str(error)[:300]}", "write it anew as Parquet or CSV") from error


_Piece = tuple[int, int, pa.Table, list[Finding]]  # line of the first record, records, rows, malformed records


def _chunks(pieces: Iterator[_Piece], start: int, rows_per_chunk: int) -> Iterator[Chunk]:
    """Give pieces put together to chunks of just so many records, but for the last."""
    held: list[pa.Table] = []
    malformed: list[Finding] = []
    taken = 0
    for first, count, rows, found in pieces:
        while taken + count >= rows_per_chunk:
            cut = rows_per_chunk - taken
            first, count = first + cut, count - cut
            place = int(pc.sum(pc.less(rows.column("line"), first)).as_py() or 0)
            held.append(rows.slice(0, place))
            malformed += [one for one in found if one.line < first]
            yield Chunk(start=start, taken=rows_per_chunk, rows=pa.concat_tables(held), malformed=tuple(malformed))
            rows, found = rows.slice(place), [one for one in found if one.line >= first]
            start, held, malformed, taken = start + rows_per_chunk, [], [], 0
        if count:
            held.append(rows)
            malformed += found
            taken += count
    if taken:
        yield Chunk(start=start, taken=taken, rows=pa.concat_tables(held), malformed=tuple(malformed))


def _chosen(names: list[str], table: BatchTable, mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the file's column for each of ours that it has."""
    if len(names) > BULK.columns_max or len(set(names)) != len(names):
        raise InputError("the columns have no names of their own", f"name each once, at most {BULK.columns_max}")
    for ours, theirs in mapping.items():
        if theirs not in names:
            raise InputError(f"the file has no column {theirs!r:.80} for {ours}", "it has " + ", ".join(names)[:500])
    plain = {ALSO.get(name.strip().lower(), name.strip().lower()): name for name in reversed(names)}
    chosen = {ours: mapping.get(ours, plain.get(ours, "")) for ours in COLUMNS[table]}
    for ours in NEEDED[table]:
        if not chosen[ours]:
            raise InputError(f"the file has no column {ours}", f"name it with --map {ours}=THEIRS")
    return {ours: theirs for ours, theirs in chosen.items() if theirs}


def _parquet(stream: BinaryIO, table: BatchTable, mapping: Mapping[str, str], start: int) -> Iterator[_Piece]:
    source = pq.ParquetFile(stream, pre_buffer=False)
    chosen = _chosen(list(source.schema_arrow.names), table, mapping)
    place = 0
    groups: list[int] = []
    about = source.metadata
    for number in range(about.num_row_groups):
        rows = about.row_group(number).num_rows
        if place + rows > start or groups:
            groups.append(number)
        else:
            place += rows
    for batch in source.iter_batches(
        batch_size=_READ_ROWS, row_groups=groups, columns=list(chosen.values()), use_threads=False
    ):
        skip = max(0, min(start - place, batch.num_rows))
        part = batch.slice(skip)
        if part.num_rows:
            columns = {ours: _as_text(part.column(theirs)) for ours, theirs in chosen.items()}
            yield place + skip + 1, part.num_rows, _numbered(columns, place + skip, part.num_rows), []
        place += batch.num_rows


def _csv(stream: BinaryIO, file: str, table: BatchTable, mapping: Mapping[str, str], start: int) -> Iterator[_Piece]:
    names = _header(stream, file)
    chosen = _chosen(names, table, mapping)
    line = CSV_LINE
    for block in _blocks(stream):
        rows, odd = _parsed(block, names, list(chosen.values()))
        bad = {line + number - 1: why for number, why in odd}
        lines = _lines(line, rows.num_rows, set(bad))
        begins, line = max(line, start + CSV_LINE), line + rows.num_rows + len(bad)
        if line <= begins:
            continue
        first = bisect_left(lines, begins)
        columns = {ours: rows.column(theirs).slice(first) for ours, theirs in chosen.items()}
        shapes = [
            Finding(file=file, line=place, message=f"has {why}", remedy="write each record with all its columns")
            for place, why in sorted(bad.items())
            if place >= begins
        ]
        yield begins, line - begins, pa.table({"line": pa.array(lines[first:], pa.int64()), **columns}), shapes


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Give the bytes of a CSV file in blocks of whole records. Bytes that are no UTF-8 come out as U+FFFD, which no
    value may hold, so that a record with such bytes is refused by itself."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    held, ended = b"", False
    while not ended:
        part = stream.read(_BLOCK_BYTES)
        ended = not part
        held += decoder.decode(part, final=ended).encode()
        cut = len(held) if ended or len(held) > _RECORD_BYTES_MAX else _end_of_record(held)
        if cut:
            yield held[:cut]
            held = held[cut:]


def _end_of_record(block: bytes) -> int:
    """Return where the last whole record ends: behind a line break with as many quotes before it as close; 0 = none."""
    cut = block.rfind(b"\n") + 1
    quotes = block.count(b'"', 0, cut)
    while cut and quotes % 2:
        before = block.rfind(b"\n", 0, cut - 1) + 1
        quotes -= block.count(b'"', before, cut)
        cut = before
    return cut


def _parsed(block: bytes, names: list[str], wanted: list[str]) -> tuple[pa.Table, list[tuple[int, str]]]:
    """Return the rows of a block and what is no row: the number of the record in the block (1-based), and why. Read
    from memory in this very thread: a reader of its own would call back from others."""
    odd: list[tuple[int, str]] = []

    def note(row: Any) -> str:
        odd.append((row.number, f"{row.actual_columns} columns, not {row.expected_columns}"))
        return "skip"

    rows = pa_csv.read_csv(
        pa.BufferReader(block),
        read_options=pa_csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), include_columns=wanted, strings_can_be_null=False
        ),
    )
    return rows, odd


def _header(stream: BinaryIO, file: str) -> list[str]:
    try:
        line = stream.readline(BULK.header_bytes_max).decode("utf-8-sig")
        names = next(csv.reader([line]), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file} is neither Parquet nor CSV in UTF-8", "write it as one of them") from error
    if not names or not line.endswith("\n"):
        raise InputError(f"{file} has no header and records", "name the columns in the first line")
    return names


def _lines(first: int, rows: int, bad: set[int]) -> list[int]:
    """Return the lines of `rows` rows from line `first` on, those in `bad` passed over."""
    if not bad:
        return list(range(first, first + rows))
    return [line for line in range(first, first + rows + len(bad)) if line not in bad][:rows]


def _numbered(columns: dict[str, Any], place: int, rows: int) -> pa.Table:
    return pa.table({"line": pa.array(range(place + 1, place + rows + 1), pa.int64()), **columns})


def _as_text(column: Any) -> Any:
    """Return a column as text, nothing as empty; the items of a list with `;` between them."""
    column = _array(column)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), ";")
    elif pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return _in_utf8(pc.fill_null(column.cast(pa.string()), ""))


def _in_utf8(column: Any) -> Any:
    """Return a column of text in which bytes that are no UTF-8, which Parquet files may hold, stand as U+FFFD."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        cells = [cell.decode(errors="replace") for cell in column.cast(pa.binary()).to_pylist()]
        return pa.array(cells, pa.string())
    return column


def _array(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
