"""DuckDB and Spark clear the same random worlds alike: rows, reasons, missing yeses, statements, certificate roots."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.adapters.spark.analytics import SparkAnalytics
from cantoria.clearance import Cleared, Request, root_plan
from cantoria.clearance.analytics import Analytics, Format
from cantoria.clearance.dataset import ClearanceResult, clear_dataset, register_rows
from cantoria.clearance.decide import decide_persons
from cantoria.clearance.types import Answer
from cantoria.kernel.uses import Use
from cantoria.testing.merged_worlds import Merged, merge, random_part
from cantoria.testing.world_parts import QUERY
from cantoria.testing.worlds import random_world

pytestmark = pytest.mark.xdist_group("spark")
WORLDS = 120
SECRET = bytes(range(32))
_TABLES = {
    "answer": "line, subject, status, first, mask, beside",
    "reason": "subject, code, party, about",
    "missing": "subject, voice",
    "because": "subject, index",
}


@pytest.fixture(scope="module")
def duckdb() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


@cache
def world() -> Merged:
    """Return many random worlds as one, so that one run of the plan decides them all."""
    return merge([random_part(7_000 + seed, at=QUERY) for seed in range(WORLDS)])


@cache
def requests() -> Sequence[Request]:
    """Return two requests that ask works and recordings, for different uses."""
    asking = [request for seed in range(200) for request in random_world(seed).requests]
    sides = [one for one in asking if one.use not in (Use.STYLE, Use.VOICE, Use.LIKENESS) and not one.persons]
    chosen = {one.use: one for one in sides}
    return [replace(chosen[use], at=QUERY) for use in (Use.TRAIN_GENERATIVE, Use.RELEASE_OUTPUT)]


def clear(request: Request, engine: Analytics, persons: Answer) -> ClearanceResult:
    register_rows(world().rows, analytics=engine)
    return clear_dataset(world().snapshot, request=request, persons=persons, analytics=engine, evidence=True)


def decided(engine: Analytics) -> dict[str, list[Any]]:
    return {name: sorted(engine.fetch(f"SELECT {columns} FROM {name}")) for name, columns in _TABLES.items()}


def roots(engine: Analytics) -> root_plan.Roots:
    root_plan.bind(engine, secret=SECRET)
    found = root_plan.roots(engine, secret=SECRET)
    root_plan.forget(engine)
    return found


@pytest.mark.parametrize("number", [0, 1])
def test_both_engines_decide_alike(spark: SparkAnalytics, duckdb: DuckDBAnalytics, tmp_path: Path, number: int) -> None:
    request = requests()[number]
    persons = decide_persons(request, rights=world().parts[0].rights)
    one, other = (clear(request, engine, persons) for engine in (duckdb, spark))
    expected = world().answers(request)
    assert decided(duckdb) == decided(spark)
    assert dict(other.answers()) == dict(one.answers()) == expected
    assert list(other.results()) == list(one.results())
    assert (other.counts(), other.reasons(), other.all_reasons()) == (one.counts(), one.reasons(), one.all_reasons())
    assert len({answer.status for answer in expected.values()}) >= 3
    assert roots(spark) == roots(duckdb)
    files = []
    for name, result in (("spark", other), ("duckdb", one)):
        target = tmp_path / name
        assert result.export(str(target), file_format=Format.CSV) == len(world().rows)
        files.append(target.read_bytes())
    assert files[0] == files[1]
    assert len(list(csv.reader(files[0].decode().splitlines()))) > len(world().rows)


def test_a_request_that_asks_persons_alone(spark: SparkAnalytics, duckdb: DuckDBAnalytics) -> None:
    request = next(
        replace(one, at=QUERY)
        for seed in range(200)
        for one in random_world(seed).requests
        if one.use in (Use.STYLE, Use.VOICE, Use.LIKENESS) and not one.tuned_on
    )
    found = [list(clear(request, engine, Cleared(())).results()) for engine in (duckdb, spark)]
    assert found[0] == found[1]
