"""Clearing by a snapshot on a cluster's engine comes to what it comes to on the embedded one."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from tests.conftest import RequirePart
from tests.e2e.shell import ASK, Stage, good

from cantoria.adapters.spark.session import missing_parts

pytestmark = pytest.mark.xdist_group("spark")
SPARK_FROM = "pip install 'cantoria[spark]' and apt-get install openjdk-17-jre-headless"


def test_both_engines_write_the_same_answers(stage: Stage, require_part: RequirePart) -> None:
    """That their certificates have the same roots, bit for bit, is tested where the engines are."""
    missing = missing_parts()
    require_part(missing, not missing, SPARK_FROM)
    good(stage.run("snapshot", "build", "public", "--unrecorded"))
    values, rows = [], []
    for engine in ("duckdb", "spark"):
        ask = ("dataset", "clear", "manifest.csv", *ASK, "--snapshot", "public", "--to", engine, "--engine", engine)
        values.append(good(stage.run("--json", "--as", "authors", *ask, "--dry-run")).value)
        cleared = (stage.folder / engine / "cleared.csv").read_bytes()
        rows.append((pq.read_table(stage.folder / engine / "results.parquet").to_pylist(), cleared))
    assert rows[0] == rows[1]
    assert values[0]["counts"] == values[1]["counts"] == {"cleared": 1, "denied": 0, "licensable": 0, "unknown": 2}
    assert values[0]["all_reasons"] == values[1]["all_reasons"]
