"""The results of a clearing from disk, as the rows that they answer: `results.parquet`, `.csv` or `.jsonl`."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from cantoria.adapters.files import check_regular, read_file
from cantoria.clearance.export_plan import BETWEEN
from cantoria.clearance.types import Row
from cantoria.kernel.errors import InputError

FILE_BYTES_MAX: Final = 1024 * 1024 * 1024
NEEDED: Final = ("line", "codes", "status", "subject")


def holds_results(path: Path) -> bool:
    """Tell whether a file is what a clearing wrote, by its columns; what cannot be read is not."""
    try:
        match path.suffix.lower():
            case ".parquet":
                check_regular(path, bytes_max=FILE_BYTES_MAX)
                return set(pq.read_schema(path).names) >= set(NEEDED)
            case ".csv":
                with path.open(encoding="utf-8", newline="") as file:
                    return set(next(csv.reader(file), [])) >= set(NEEDED)
            case ".jsonl":
                with path.open(encoding="utf-8") as file:
                    return set(json.loads(file.readline(FILE_BYTES_MAX))) >= set(NEEDED)
            case _:
                return False
    except (pa.ArrowException, OSError, ValueError, TypeError, csv.Error, RecursionError):
        return False


def read_result_rows(path: Path) -> list[Row]:
    """Return the rows of a file of results that named something, by line; nobody can be asked about the others.
    Raises `InputError` for a file that holds no results."""
    if not holds_results(path):
        raise InputError(f"{path.name} holds no results", "give what `cantoria dataset clear` wrote")
    rows = []
    try:
        for value in _values(path):
            codes, subject = value["codes"], value["subject"]
            several = codes.split(BETWEEN) if isinstance(codes, str) else codes
            if subject:
                media = "work" if subject.startswith("work_") else "recording"
                rows.append(Row(int(value["line"]), tuple(str(code) for code in several), media))
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, csv.Error) as error:
        raise InputError(f"{path.name} is damaged: {error}", "clear the dataset again") from error
    return rows


def _values(path: Path) -> Iterator[Any]:
    match path.suffix.lower():
        case ".parquet":
            for batch in pq.ParquetFile(path).iter_batches(columns=list(NEEDED)):
                yield from batch.to_pylist()
        case ".csv":
            text = read_file(path, bytes_max=FILE_BYTES_MAX).decode()
            yield from csv.DictReader(io.StringIO(text))
        case _:
            for line in read_file(path, bytes_max=FILE_BYTES_MAX).splitlines():
                yield json.loads(line)
