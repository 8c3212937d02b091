"""Manifests from disk: CSV of the CSV family, JSON lines or Parquet with the same columns, as rows and findings."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from cantoria.formats.csvfamily import ManifestRead, read_manifest
from cantoria.formats.csvfamily.tables import TABLES
from cantoria.kernel.errors import InputError

FILE_BYTES_MAX: Final = 1024 * 1024 * 1024


def read_rows(path: Path, *, namespace: str) -> ManifestRead:
    """Return the rows of a manifest file; the suffix tells its form: `.csv`, `.jsonl` or `.parquet`.

    JSON lines and Parquet have the columns of manifest.csv (docs/reference/csv.md), of which any may be missing; other
    columns are passed over. Raises `InputError` for a file that cannot be read at all.
    """
    if path.stat().st_size > FILE_BYTES_MAX:
        raise InputError(f"{path.name} is larger than {FILE_BYTES_MAX} bytes", "split the manifest")
    match path.suffix.lower():
        case ".csv":
            data = path.read_bytes()
        case ".jsonl" | ".ndjson":
            data = _as_csv(_json_lines(path))
        case ".parquet":
            data = _as_csv(_parquet(path))
        case suffix:
            raise InputError(f"{path.name}: {suffix or 'no suffix'} is no manifest", "give .csv, .jsonl or .parquet")
    return read_manifest(data, file=path.name, namespace=namespace)


def _json_lines(path: Path) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            raise InputError(f"{path.name}:{number}: not JSON: {error}", "write one object on each line") from error
        if not isinstance(value, dict):
            raise InputError(f"{path.name}:{number}: not an object", "write one object on each line")
        rows.append(value)
    return rows


def _parquet(path: Path) -> list[dict[str, Any]]:
    try:
        file = pq.ParquetFile(path)
        known = [column.name for column in TABLES["manifest"].columns]
        rows: list[dict[str, Any]] = file.read(columns=[n for n in file.schema_arrow.names if n in known]).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path.name} is not readable Parquet: {error}", "write it again") from error
    return rows


def _as_csv(rows: list[dict[str, Any]]) -> bytes:
    columns = [column.name for column in TABLES["manifest"].columns]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)
