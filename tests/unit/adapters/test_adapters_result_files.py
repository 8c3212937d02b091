"""The results of a clearing are read back as the rows that they answer, in each form; damaged files are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cantoria.adapters.result_files import holds_results, read_result_rows
from cantoria.clearance.types import Row
from cantoria.kernel.errors import InputError

RESULTS: list[dict[str, Any]] = [
    {"line": 1, "codes": ["isrc:KRA381900123"], "status": "licensable", "subject": "recording_1"},
    {"line": 2, "codes": ["isrc:KRA381900124", "iswc:T0345246801"], "status": "cleared", "subject": "recording_2"},
    {"line": 3, "codes": ["iswc:T0345246801"], "status": "unknown", "subject": "work_1"},
    {"line": 4, "codes": ["isrc:ESA011900456"], "status": "unknown", "subject": ""},
]
ROWS = [
    Row(1, ("isrc:KRA381900123",)),
    Row(2, ("isrc:KRA381900124", "iswc:T0345246801")),
    Row(3, ("iswc:T0345246801",), "work"),
]


def written(folder: Path, form: str) -> Path:
    path = folder / f"results.{form}"
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(RESULTS), path)
    elif form == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in RESULTS))
    else:
        lines = [f"{row['line']},{'; '.join(row['codes'])},{row['status']},{row['subject']}" for row in RESULTS]
        path.write_text("\n".join(["line,codes,status,subject", *lines]) + "\n")
    return path


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_results_are_read_back_as_rows(tmp_path: Path, form: str) -> None:
    path = written(tmp_path, form)
    assert holds_results(path)
    assert read_result_rows(path) == ROWS


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("manifest.csv", b"line,isrc\n1,KRA381900123\n"),
        ("empty.csv", b""),
        ("binary.csv", b"\xff\xfe\x00"),
        ("broken.jsonl", b"{"),
        ("list.jsonl", b"[1]\n"),
        ("number.jsonl", b"7\n"),
        ("deep.jsonl", b"[" * 100_000),
        ("broken.parquet", b"PAR1PAR1"),
        ("results.txt", b"line,codes,status,subject\n"),
    ],
)
def test_what_holds_no_results_is_told(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert not holds_results(path)
    with pytest.raises(InputError):
        read_result_rows(path)


@pytest.mark.parametrize(
    "row",
    [
        b"x,isrc:KRA381900123,cleared,recording_1\n",
        b"1\n",
        b"1,isrc:KRA381900123,cleared,recording_1\n\xff\n",
    ],
)
def test_damaged_results_are_refused(tmp_path: Path, row: bytes) -> None:
    path = tmp_path / "results.csv"
    path.write_bytes(b"line,codes,status,subject\n" + row)
    if row == b"1\n":
        assert read_result_rows(path) == []
        return
    with pytest.raises(InputError):
        read_result_rows(path)
