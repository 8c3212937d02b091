"""Every example runs as printed, in a process of its own, against a small published snapshot."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.unit.sdk.gate_worlds import VKEY, code_of, publish_catalogue

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
LINES_MAX = 40


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a snapshot of five recordings (the third is refused), and a dataset in every form."""
    folder = tmp_path_factory.mktemp("examples")
    now = time.time_ns() // 1000
    publish_catalogue(folder / "snapshot", 5, refused=[3], at=now - 10**6, until=now + 10**12)
    codes = [code_of(number) for number in range(1, 7)]
    (folder / "raw").mkdir()
    pq.write_table(pa.table({"isrc": codes}), folder / "raw" / "rows.parquet")
    (folder / "key.json").write_text(json.dumps({"seed": bytes(range(32)).hex()}))
    with tarfile.open(folder / "sounds.tar", "w") as tar:
        for number, code in enumerate(codes):
            for kind, data in (("mp3.txt", b"sound"), ("json", json.dumps({"isrc": code}).encode())):
                entry = tarfile.TarInfo(f"{number:04}.{kind}")
                entry.size = len(data)
                tar.addfile(entry, io.BytesIO(data))
    return folder


def run(example: str, *arguments: str, place: Path) -> str:
    environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(place / "hf"), "CANTORIA_CACHE": str(place / "cache")}
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / example), "snapshot", VKEY, "party_ai", *arguments],
        cwd=place,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_example_is_short_and_tested() -> None:
    assert [path.name for path in EXAMPLES] == [
        "duckdb_sql.py",
        "hugging_face.py",
        "parquet_folder.py",
        "webdataset_tar.py",
    ]
    for path in EXAMPLES:
        assert len(path.read_text().splitlines()) <= LINES_MAX, path.name


def test_hugging_face(place: Path) -> None:
    told = run("hugging_face.py", "raw/rows.parquet", place=place)
    assert "4 of 6 rows are cleared, as of snapshot_" in told
    assert "said_no" in told


def test_webdataset_tar(place: Path) -> None:
    told = run("webdataset_tar.py", "sounds.tar", place=place)
    assert [line.split()[1] for line in told.splitlines()[:4]] == [code_of(number) for number in (1, 2, 4, 5)]


def test_parquet_folder(place: Path) -> None:
    told = run("parquet_folder.py", "raw", "kept", "key.json", place=place)
    assert "Signed by key" in told
    assert "The log rights.example.org/log signed its tree" in told
    assert pq.read_table(place / "kept" / "rows.parquet").num_rows == 4
    assert (place / "kept" / "croissant.json").exists()


def test_duckdb_sql(place: Path) -> None:
    assert "4 rows are cleared by the table, 4 by the function" in run("duckdb_sql.py", "raw/rows.parquet", place=place)
