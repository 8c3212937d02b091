"""Manifests as CSV, JSON lines and Parquet: the same rows, findings and signals, and no row that vanishes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cantoria.adapters.manifest_files import read_rows
from cantoria.clearance.types import Row
from cantoria.formats.csvfamily import ManifestRead
from cantoria.kernel.errors import InputError

ROWS: list[dict[str, Any]] = [
    {"isrc": "KR-A38-19-00123", "own": ["R1", "KOMCA:77"], "licence": "CC-BY-4.0", "title": "봄비"},
    {"isrc": None, "own": None, "licence": None, "title": "without any code"},
    {"isrc": "KRA38190012X", "own": None, "licence": "http://creativecommons.org/licenses/by-nc/3.0/", "title": ""},
    {"isrc": "KRA381900124\nKRA381900125", "own": None, "licence": None, "title": "a code in two lines"},
]
WANTED = (
    Row(1, ("isrc:KRA381900123", "own:BLUE:R1", "own:KOMCA:77")),
    Row(2, ()),
    Row(3, ()),
    Row(4, ()),
)


def write(folder: Path, rows: list[dict[str, Any]]) -> list[Path]:
    """Write the same rows in the three forms."""
    paths = [folder / f"manifest{suffix}" for suffix in (".csv", ".jsonl", ".parquet")]
    with paths[0].open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, list(rows[0]))
        sheet.writeheader()
        for row in rows:
            sheet.writerow({key: "|".join(v) if isinstance(v, list) else v or "" for key, v in row.items()})
    paths[1].write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    pq.write_table(pa.Table.from_pylist(rows), paths[2])
    return paths


def places(read: ManifestRead) -> list[tuple[int, str]]:
    return [(finding.line, finding.field) for finding in read.findings]


def test_three_forms_say_the_same(tmp_path: Path) -> None:
    for path, shift in zip(write(tmp_path, ROWS), (1, 0, 0), strict=True):  # a CSV file has a header line
        read = read_rows(path, namespace="BLUE")
        assert read.rows == WANTED
        assert {line: says.split(" is stated")[0] for line, says in read.signals.items()} == {
            1: "CC BY 4.0",
            3: "CC BY-NC 3.0",
        }
        passed_over = [(1, "title")] if path.suffix == ".csv" else []
        assert places(read) == [*passed_over, (3 + shift, "isrc"), (4 + shift, "isrc")]
        assert {finding.file for finding in read.findings} == {path.name}
        assert read.counts.received == len(ROWS)


def test_three_forms_by_a_mapping(tmp_path: Path) -> None:
    foreign = [{"Code": row["isrc"], "Rights": row["licence"], "isrc": "KRA381900999"} for row in ROWS]
    mapping = {"isrc": "Code", "licence": "Rights", "media": "=recording"}
    for path in write(tmp_path, foreign):
        read = read_rows(path, namespace="BLUE", renamed=mapping)
        assert [row.codes for row in read.rows] == [("isrc:KRA381900123",), (), (), ()]
        assert sorted(read.signals) == [1, 3]
        with pytest.raises(InputError, match="Missing"):
            read_rows(path, namespace="BLUE", renamed={"isrc": "Missing"})
        with pytest.raises(InputError, match="mood"):
            read_rows(path, namespace="BLUE", renamed={"mood": "Code"})


def test_numbers_of_rows_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_text('\n{"line": 7, "isrc": "KRA381900123"}\n\n{"isrc": "KRA38"}\n', "utf-8")
    read = read_rows(path, namespace="BLUE")
    assert [row.line for row in read.rows] == [2, 7]
    assert places(read) == [(4, "isrc")]


@pytest.mark.parametrize("text", ['{"isrc": "\\ud800"}', '{"isrc": "a\\u0000b"}', '{"isrc": {"a": [1]}}', "{}"])
def test_odd_values_leave_the_row_in_the_dataset(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_text(text + '\n{"isrc": "KRA381900123"}\n', "utf-8")
    read = read_rows(path, namespace="BLUE")
    assert read.rows == (Row(1, ()), Row(2, ("isrc:KRA381900123",)))


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b'{"isrc": ' + b"9" * 5_000 + b"}", b"[" * 100_000])
def test_lines_that_are_no_objects_are_refused_by_number(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(b'{"isrc": "KRA381900123"}\n' + data)
    with pytest.raises(InputError, match=r"manifest\.jsonl:2"):
        read_rows(path, namespace="BLUE")


def test_what_is_no_manifest_is_refused(tmp_path: Path) -> None:
    for name in ("manifest.parquet", "manifest.xlsx", "manifest"):
        (tmp_path / name).write_bytes(b"PK")
        with pytest.raises(InputError, match="manifest"):
            read_rows(tmp_path / name, namespace="BLUE")


def test_a_small_file_that_unpacks_to_much_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.parquet"
    table = pa.table({"isrc": [f"{number}" + "x" * 400_000 for number in range(5)]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 20_000
    read = read_rows(path, namespace="X")
    assert [finding.line for finding in read.findings] == [1, 2, 3, 4, 5]
    assert all(len(finding.value) < 1_000 for finding in read.findings)
    monkeypatch.setattr("cantoria.adapters.manifest_files.PARQUET_BYTES_MAX", 1_000_000)
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(InputError, match="unpacks"):
        read_rows(path, namespace="X")
