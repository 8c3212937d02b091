"""Signals beside the rows of a manifest: a licence is shown, a no tightens its row, in every form of a manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.duckdb.manifests import load_manifest
from cantoria.adapters.manifest_files import read_rows
from cantoria.app import datasets
from cantoria.app.datasets import KeptDataset
from cantoria.clearance.analytics import Format
from cantoria.clearance.snapshot_schema import USE_BITS
from cantoria.consent import licence_signal
from cantoria.formats.csvfamily import read_manifest
from cantoria.formats.signals.rows import read_cells
from cantoria.formats.types import Severity
from cantoria.kernel.uses import Use

MINING = {Use.ANALYSE, Use.TRAIN_NONGENERATIVE, Use.TRAIN_GENERATIVE}
TRAINING = MINING - {Use.ANALYSE}
ASSERTION = json.dumps({"entries": {"cawg.ai_generative_training": {"use": "notAllowed"}}})
NC = "https://creativecommons.org/licenses/by-nc/4.0/"
# Cells beside a row, and the uses that they refuse.
CELLS = [
    ({}, set()),
    ({"licence": NC}, set()),
    ({"licence": "All rights reserved. No AI training."}, TRAINING),
    ({"tdm_reservation": "1"}, MINING),
    ({"tdm_reservation": "0", "licence": NC}, set()),
    ({"tdm_reservation": "1", "tdm_policy": "https://label.example/p"}, MINING),
    ({"content_usage": "train-ai=n"}, TRAINING),
    ({"content_usage": "train-ai=y"}, set()),
    ({"robots_tag": "noindex, noimageai"}, set()),
    ({"training_mining": ASSERTION}, {Use.TRAIN_GENERATIVE}),
    ({"tdm_reservation": "0", "content_usage": "train-ai=n", "training_mining": "not JSON"}, TRAINING),
]
ROWS = [{"line": n, "isrc": f"KRA3819001{n:02}", **cells} for n, (cells, _) in enumerate(CELLS, 1)]
EXPECTED = {n: frozenset(uses) for n, (_, uses) in enumerate(CELLS, 1)}
COLUMNS = ("line", "isrc", "licence", "tdm_reservation", "tdm_policy", "content_usage", "robots_tag", "training_mining")


@pytest.mark.parametrize(("cells", "uses"), CELLS)
def test_cells(cells: dict[str, str], uses: set[Use]) -> None:
    assert read_cells(cells, file="f").refused == uses


def test_a_licence_is_told_as_before_and_what_refuses_beside_it() -> None:
    beside = read_cells({"licence": NC, "content_usage": "train-ai=n"}, file="f")
    stated = licence_signal(NC)
    assert stated is not None
    assert read_cells({"licence": NC}, file="f").says == stated.says
    assert beside.says == stated.says + "; aipref: train-ai refused: refuses train_generative, train_nongenerative"


def test_cells_that_cannot_be_read_are_findings_and_say_nothing() -> None:
    broken = read_cells({"tdm_reservation": "yes", "content_usage": "=", "training_mining": "[]"}, file="f")
    assert (broken.signals, broken.refused) == ((), frozenset())
    assert [finding.severity for finding in broken.findings] == [Severity.WARNING] * 3


def files(folder: Path) -> list[Path]:
    """Write the rows as CSV, JSON lines and Parquet."""
    table = [[str(row.get(name, "")) for name in COLUMNS] for row in ROWS]
    quoted = [['"' + cell.replace('"', '""') + '"' for cell in row] for row in table]
    (folder / "m.csv").write_text("\n".join(",".join(row) for row in [list(COLUMNS), *quoted]))
    objects = [{**row} for row in ROWS]
    objects[9]["training_mining"] = json.loads(ASSERTION)  # an object, as JSON has them
    objects[3]["tdm_reservation"] = 1  # type: ignore[index]
    (folder / "m.jsonl").write_text("\n".join(map(json.dumps, objects)))
    columns = {name: [row[n] or None for row in table] for n, name in enumerate(COLUMNS)}
    pq.write_table(pa.table(columns), folder / "m.parquet")
    return [folder / "m.csv", folder / "m.jsonl", folder / "m.parquet"]


def test_small_manifests_of_every_form(tmp_path: Path) -> None:
    for path in files(tmp_path):
        read = read_rows(path, namespace="N")
        assert {row.line: row.refused for row in read.rows} == EXPECTED, path.name
        assert sum("training_mining" in str(finding) for finding in read.findings) == 1


def test_large_manifests_of_every_form_say_the_same(tmp_path: Path) -> None:
    forms = {".csv": Format.CSV, ".jsonl": Format.JSONL, ".parquet": Format.PARQUET}
    masks = {line: sum(USE_BITS[use] for use in uses) for line, uses in EXPECTED.items() if uses}
    with DuckDBAnalytics(threads=2) as engine:
        for path in files(tmp_path):
            load_manifest(engine, str(path), file_format=forms[path.suffix], namespace="N")
            assert dict(engine.fetch("SELECT line, uses FROM manifest_refused")) == masks, path.name
        load_manifest(engine, str(path), file_format=Format.PARQUET, namespace="N", refused={Use.INPUT})
        assert dict(engine.fetch("SELECT line, uses FROM manifest_refused")) == {
            line: masks.get(line, 0) | USE_BITS[Use.INPUT] for line in EXPECTED
        }
        (tmp_path / "bare.csv").write_text("isrc\nKRA381900101\n")
        load_manifest(engine, str(tmp_path / "bare.csv"), file_format=Format.CSV, namespace="N", refused={Use.INPUT})
        assert engine.fetch("SELECT * FROM manifest_refused") == [(1, USE_BITS[Use.INPUT])]
        load_manifest(engine, str(tmp_path / "bare.csv"), file_format=Format.CSV, namespace="N")
        assert engine.fetch("SELECT * FROM manifest_refused") == []


def test_a_foreign_table_is_mapped_to_them() -> None:
    data = b"Code,Opt out\nKRA381900101,1\nKRA381900102,\n"
    read = read_manifest(data, file="f", namespace="N", renamed={"isrc": "Code", "tdm_reservation": "Opt out"})
    assert [row.refused for row in read.rows] == [MINING, frozenset()]
    everywhere = {"isrc": "Code", "content_usage": "=train-ai=n"}
    assert {row.refused for row in read_manifest(data, file="f", namespace="N", renamed=everywhere).rows} == {
        frozenset(TRAINING)
    }


def test_what_is_kept_of_a_data_set_keeps_them() -> None:
    read = read_manifest(b"isrc,content_usage\nKRA381900101,train-ai=n\nKRA381900102,\n", file="f", namespace="N")
    kept = KeptDataset(read.rows, bytes(32))
    assert datasets.decode(datasets.encode(kept)) == KeptDataset(list(read.rows), bytes(32))
