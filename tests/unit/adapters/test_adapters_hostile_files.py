"""Files that would never end, mean other files, or stand for far more than they weigh."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.duckdb.manifests import load_manifest
from cantoria.adapters.files import check_regular, read_file
from cantoria.adapters.manifest_files import read_rows
from cantoria.adapters.sqlite.ledger import SqliteLedgerStore
from cantoria.clearance.analytics import Format, Kind
from cantoria.kernel.errors import CantoriaError, InputError

ISRC = "KRA381900123"


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    link = tmp_path / "link.csv"
    link.symlink_to("/dev/zero")
    for path in (pipe, link, Path("/dev/zero"), tmp_path, Path("a\0b")):
        with pytest.raises(InputError):
            read_file(path, bytes_max=10)
        with pytest.raises(InputError):
            check_regular(path, bytes_max=10)
    for suffix in (".csv", ".jsonl", ".parquet"):
        with pytest.raises(InputError):
            read_rows(link.rename(tmp_path / f"link{suffix}"), namespace="A")
        link = tmp_path / f"link{suffix}"


def test_a_file_is_read_up_to_its_limit_even_while_it_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 10)
    assert read_file(path, bytes_max=10) == b"x" * 10
    for read in (read_file, check_regular):
        with pytest.raises(InputError, match="larger"):
            read(path, bytes_max=9)
    small = os.stat_result((path.stat().st_mode, *[0] * 9))
    monkeypatch.setattr("cantoria.adapters.files.os.fstat", lambda handle: small)
    with pytest.raises(InputError, match="larger"):
        read_file(path, bytes_max=9)


def test_parquet_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    same = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array(["x" * 1_000_000]))
    pq.write_table(pa.table({"isrc": same}), path)
    assert path.stat().st_size < 200_000
    with pytest.raises(InputError, match="bytes"):
        read_rows(path, namespace="A")
    lists = pa.table({"isrc": pa.ListArray.from_arrays(pa.array([0, 5_000], pa.int32()), same)})
    pq.write_table(lists, path)
    with pytest.raises(InputError, match="bytes"):
        read_rows(path, namespace="A")
    pq.write_table(pa.table({"isrc": pa.nulls(2_000_001, pa.string())}), path)
    with pytest.raises(InputError, match="rows"):
        read_rows(path, namespace="A")


def test_parquet_cut_off_or_bent_anywhere_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    pq.write_table(pa.table({"isrc": [ISRC, None], "own": [["A:1"], ["A:2", None]], "line": [1, 2]}), path)
    whole = path.read_bytes()
    assert len(read_rows(path, namespace="A").rows) == 2
    for stop in range(0, len(whole), 7):
        path.write_bytes(whole[:stop])
        with pytest.raises(InputError):
            read_rows(path, namespace="A")
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        with suppress(InputError):
            read_rows(path, namespace="A")


@pytest.fixture
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics() as made:
        yield made


@pytest.mark.parametrize("name", ["m*.csv", "m?.csv", "m[1].csv", "q'x.csv", "a;b--.csv", "line\nfeed.csv"])
def test_a_file_name_means_that_file_alone(engine: DuckDBAnalytics, tmp_path: Path, name: str) -> None:
    (tmp_path / "m1.csv").write_text("isrc\nUSUG12400910\n")
    (tmp_path / name).write_text(f"isrc\n{ISRC}\n")
    load_manifest(engine, str(tmp_path / name), file_format=Format.CSV, namespace="A")
    assert engine.fetch("SELECT code FROM manifest") == [(f"isrc:{ISRC}",)]


def test_a_folder_name_is_no_column(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    folder = tmp_path / f"isrc={ISRC}"
    folder.mkdir()
    (folder / "m.csv").write_text("line\n1\n")
    with pytest.raises(InputError, match="no column of codes"):
        load_manifest(engine, str(folder / "m.csv"), file_format=Format.CSV, namespace="A")
    pq.write_table(pa.table({"line": [1]}), folder / "m.parquet")
    with pytest.raises(InputError):
        engine.attach("m", path=str(folder / "m.parquet"), schema={"isrc": Kind.TEXT})


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/m.csv", "s3://bucket/m.csv", "file:m.csv", "data:,isrc", "", "/", "m\0.csv"]
)
def test_an_address_is_no_file(engine: DuckDBAnalytics, address: str) -> None:
    with pytest.raises(CantoriaError) as caught:
        load_manifest(engine, address, file_format=Format.CSV, namespace="A")
    assert "httpfs" not in str(caught.value)


def test_packed_files_are_not_unpacked(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    path = tmp_path / "m.csv.gz"
    path.write_bytes(gzip.compress(f"isrc\n{ISRC}\n".encode()))
    with pytest.raises(InputError):
        load_manifest(engine, str(path), file_format=Format.CSV, namespace="A")


@pytest.mark.parametrize("name", ["what?", "50%41", "a#b", "a b", "file:x", "한국", "quote'", "a&b=c"])
def test_a_house_stands_in_the_folder_that_was_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    SqliteLedgerStore(tmp_path / name / "ledger.db").close()
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "ledger.db").is_file()
