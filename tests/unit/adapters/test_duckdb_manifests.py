"""Manifests read in bulk: the same rows as the small reader gives, with a finding for whatever is odd."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.duckdb.manifests import load_manifest
from cantoria.clearance.analytics import Format
from cantoria.formats.csvfamily.lists import read_manifest
from cantoria.kernel.errors import InputError

CSV = """line,isrc,iswc,own,media
1,KR-A38-19-00123,,,
2,kra381900124 | KRA381900125,T-034.524.680-1,R0001,recording
3,,T0345246801,,work
4,KRA38190012,,,
5,KRA381900126,T0345246802,,
2,KRA381900127,,,
x,KRA381900128,,,
8,KRA381900129,,,film
9,,,,
10,,,KOMCA:7|komca:7|KOMCA:8,
"""


@pytest.fixture
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def rows_of(engine: DuckDBAnalytics) -> dict[int, tuple[str, tuple[str, ...]]]:
    """Return media and codes by line, as the plan will see them."""
    several: dict[int, list[str]] = {}
    for line, code in engine.fetch("SELECT line, code FROM manifest_code ORDER BY line, code"):
        several.setdefault(line, []).append(code)
    rows = engine.fetch("SELECT line, media, code FROM manifest ORDER BY line")
    codes = {line: tuple(several[line]) if code is None else ((code,) if code else ()) for line, _, code in rows}
    return {line: (("recording", "work")[media], codes[line]) for line, media, _ in rows}


def write(tmp_path: Path, engine: DuckDBAnalytics, file_format: Format) -> str:
    source = tmp_path / "manifest.csv"
    source.write_text(CSV, encoding="utf-8")
    if file_format is Format.CSV:
        return str(source)
    target = str(tmp_path / f"manifest.{file_format}")
    query = f"SELECT * FROM read_csv('{source}', header = true, all_varchar = true)"
    engine.export(query, path=target, file_format=file_format)
    return target


@pytest.mark.parametrize("file_format", list(Format))
def test_bulk_rows_equal_those_of_the_small_reader(
    engine: DuckDBAnalytics, tmp_path: Path, file_format: Format
) -> None:
    path = write(tmp_path, engine, file_format)
    loaded = load_manifest(engine, path, file_format=file_format, namespace="SENDER")
    small = read_manifest(CSV.encode(), file="manifest.csv", namespace="SENDER")
    expected = {row.line: (row.media, tuple(sorted(row.codes))) for row in small.rows}
    found = rows_of(engine)
    assert {line: codes for line, (_, codes) in found.items()} == {line: codes for line, (_, codes) in expected.items()}
    assert {line for line in found if found[line][0] == "work"} == {3}
    assert loaded.counts == small.counts


def test_findings_name_row_field_and_value(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    path = write(tmp_path, engine, Format.CSV)
    loaded = load_manifest(engine, path, file_format=Format.CSV, namespace="SENDER")
    named = {(finding.line, finding.field, finding.value) for finding in loaded.findings}
    assert named == {
        (4, "isrc", "KRA38190012"),
        (5, "iswc", "T0345246802"),
        (6, "line", "2"),
        (7, "line", "x"),
        (8, "media", "film"),
    }
    assert loaded.findings_total == len(loaded.findings)
    assert loaded.counts.refused == 1
    assert all(finding.message and finding.remedy for finding in loaded.findings)


def test_lists_and_row_numbers_by_position(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    target = tmp_path / "manifest.jsonl"
    target.write_text('{"isrc": ["KRA381900123", "KRA381900124"]}\n{"isrc": []}\n{"isrc": ["KRA381900125"]}\n')
    load_manifest(engine, str(target), file_format=Format.JSONL, namespace="SENDER")
    assert rows_of(engine) == {
        1: ("recording", ("isrc:KRA381900123", "isrc:KRA381900124")),
        2: ("recording", ()),
        3: ("recording", ("isrc:KRA381900125",)),
    }


def test_file_that_is_no_manifest_is_refused(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    target = tmp_path / "other.csv"
    target.write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column of codes"):
        load_manifest(engine, str(target), file_format=Format.CSV, namespace="SENDER")


def test_ragged_file_is_refused_whole(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    target = tmp_path / "ragged.csv"
    target.write_text("line,isrc\n1,KRA381900123\n2,KRA381900124,more,cells\n3,KRA381900125\n")
    with pytest.raises(InputError, match="unreadable input"):
        load_manifest(engine, str(target), file_format=Format.CSV, namespace="SENDER")


def test_many_rows_keep_their_positions_whatever_the_threads(tmp_path: Path) -> None:
    target = tmp_path / "many.csv"
    lines = [f"QZ{n % 7}AA{n:07}" for n in range(50_000)]
    target.write_text("isrc\n" + "\n".join(lines) + "\n")
    for threads in (1, 7):
        with DuckDBAnalytics(threads=threads) as engine:
            load_manifest(engine, str(target), file_format=Format.CSV, namespace="SENDER")
            found = engine.fetch("SELECT code FROM manifest ORDER BY line")
            assert [code for (code,) in found] == [f"isrc:{text}" for text in lines]
