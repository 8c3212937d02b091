"""Manifests from disk: CSV of the CSV family, JSON lines or Parquet with the same columns, as rows and findings."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cantoria.adapters.files import check_regular, read_file
from cantoria.formats.csvfamily import ManifestRead, read_manifest
from cantoria.formats.csvfamily.reading import check_mapping, split_mapping
from cantoria.formats.csvfamily.tables import TABLES
from cantoria.formats.limits import CSV
from cantoria.formats.types import Finding
from cantoria.kernel.errors import InputError

FILE_BYTES_MAX: Final = 1024 * 1024 * 1024
PARQUET_BYTES_MAX: Final = 2 * CSV.file_bytes_max  # of cells, once unfolded
BATCH_ROWS: Final = 128  # a batch is in memory before its bytes are counted
_TEXTS: Final = frozenset(("STRING", "JSON", "ENUM", "NONE"))
COLUMNS: Final = tuple(column.name for column in TABLES["manifest"].columns)
LINE: Final = COLUMNS.index("line")


def read_rows(path: Path, *, namespace: str, renamed: Mapping[str, str] | None = None) -> ManifestRead:
    """Return the rows of a manifest file; the suffix tells its form: `.csv`, `.jsonl` or `.parquet`.

    JSON lines and Parquet have the columns of manifest.csv (docs/reference/csv.md), of which any may be missing; other
    columns are passed over. `renamed` reads a foreign file by a mapping from those columns to its own, `=` before what
    stands for every cell. Raises `InputError` for a file or mapping that cannot be used at all.
    """
    match path.suffix.lower():
        case ".csv":
            return read_manifest(
                read_file(path, bytes_max=CSV.file_bytes_max), file=path.name, namespace=namespace, renamed=renamed
            )
        case ".jsonl" | ".ndjson":
            placed = _json_lines(path)
            held = {name for row in placed.values() for name in row}
        case ".parquet":
            rows, held = _parquet(path, renamed)
            placed = dict(enumerate(rows, 1))
        case suffix:
            raise InputError(f"{path.name}: {suffix or 'no suffix'} is no manifest", "give .csv, .jsonl or .parquet")
    data = _as_csv(list(placed.values()), headings=_headings(path.name, held, renamed))
    _, constants = split_mapping(renamed)
    theirs = {name: name for name in COLUMNS} | {name: "=" + cell for name, cell in constants.items()}
    read = read_manifest(data, file=path.name, namespace=namespace, renamed=theirs)
    return replace(read, findings=tuple(_moved(finding, list(placed)) for finding in read.findings))


def _moved(finding: Finding, places: Sequence[int]) -> Finding:
    """Return a finding at its place in the file itself: its line, or the number of its row."""
    return replace(finding, line=places[finding.line - 2] if finding.line > 1 else finding.line, column=0)


def _json_lines(path: Path) -> dict[int, dict[str, Any]]:
    """Return the objects of a file by their lines."""
    rows = {}
    for number, line in enumerate(read_file(path, bytes_max=FILE_BYTES_MAX).split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:  # ValueError: not UTF-8, not JSON, a number of 5,000 digits
            raise InputError(f"{path.name}:{number}: not JSON: {error}", "write one object on each line") from error
        if not isinstance(value, dict):
            raise InputError(f"{path.name}:{number}: not an object", "write one object on each line")
        rows[number] = value
    return rows


def _parquet(path: Path, renamed: Mapping[str, str] | None) -> tuple[list[dict[str, Any]], set[str]]:
    """Return the rows of a Parquet file, in the columns that are needed, and the names of all its columns."""
    wanted = set(COLUMNS if renamed is None else renamed.values())
    check_regular(path, bytes_max=FILE_BYTES_MAX)
    try:
        file = pq.ParquetFile(path)
        held = set(file.schema_arrow.names)
        if file.metadata.num_rows > CSV.records_max:
            raise InputError(f"{path.name} has more than {CSV.records_max} rows", "split the manifest")
        groups = [file.metadata.row_group(number).total_byte_size for number in range(file.metadata.num_row_groups)]
        if sum(groups) > PARQUET_BYTES_MAX:
            raise InputError(f"{path.name} unpacks to more than {PARQUET_BYTES_MAX} bytes", "split the manifest")
        leaves = [file.schema.column(number) for number in range(len(file.schema))]
        texts = [
            leaf.path for leaf in leaves if leaf.physical_type == "BYTE_ARRAY" and leaf.logical_type.type in _TEXTS
        ]
        rows: list[dict[str, Any]] = []
        left = PARQUET_BYTES_MAX
        batches = pq.ParquetFile(path, read_dictionary=texts)
        for batch in batches.iter_batches(batch_size=BATCH_ROWS, columns=sorted(wanted & held)):
            left -= sum(_bytes_of(column) for column in batch.columns)
            if left < 0:
                raise InputError(f"{path.name} holds more than {PARQUET_BYTES_MAX} bytes", "split the manifest")
            rows += [{name: _cut(cell) for name, cell in row.items()} for row in batch.to_pylist()]
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:  # ValueError: text that is not UTF-8
        raise InputError(f"{path.name} is not readable Parquet: {error}", "write it again") from error
    return rows, held


def _cut(cell: Any) -> Any:
    """Return a cell, one that no row can hold no longer than it takes to see that: it would be copied many times."""
    return cell[: CSV.record_chars_max + 1] if isinstance(cell, str) else cell


def _bytes_of(column: pa.Array) -> int:
    """Return how many bytes a column comes to once written out: one text in the file can stand in every row."""
    while isinstance(column, pa.ListArray):
        column = column.flatten()
    if isinstance(column, pa.DictionaryArray):
        lengths = pc.binary_length(column.dictionary).take(column.indices)
        total: int = pc.sum(lengths, min_count=0).as_py() + column.indices.nbytes
        return total
    size: int = column.nbytes
    return size


def _headings(name: str, held: Collection[str], renamed: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return which of the file's columns stands for each of ours."""
    if renamed is None:
        return {column: column for column in COLUMNS}
    check_mapping(renamed, table="manifest", known=COLUMNS, needed=())
    theirs, _ = split_mapping(renamed)
    missing = sorted(set((theirs or {}).values()) - set(held))
    if missing:
        raise InputError(f"{name} has no column {missing[0]!r:.80}", f"its columns are {', '.join(sorted(held))}"[:500])
    return theirs or {}


def _as_csv(rows: Sequence[Mapping[str, Any]], *, headings: Mapping[str, str]) -> bytes:
    """Return rows as a manifest.csv in which each has its number, so that one without any code does not vanish."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    theirs = [headings.get(column) for column in COLUMNS]
    for number, row in enumerate(rows, 1):
        cells = [_cell(row.get(name)) if name is not None else "" for name in theirs]
        cells[LINE] = cells[LINE] or str(number)
        writer.writerow(cells)
    return out.getvalue().encode("utf-8", "surrogatepass")


def _cell(value: Any) -> str:
    """Return a value as one line of text: no code holds a line break."""
    if value is None:
        return ""
    if isinstance(value, dict):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = "|".join(map(str, value)) if isinstance(value, list) else str(value)
    return " ".join(text.splitlines())
