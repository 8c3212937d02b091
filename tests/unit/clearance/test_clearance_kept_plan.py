"""What the engine keeps of a clearing is, byte for byte, what the row-by-row forms give."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.app import datasets
from cantoria.app.clearing import manifest_csv
from cantoria.app.datasets import KeptDataset
from cantoria.clearance import Request, Rights, Row, kept_plan, root_plan
from cantoria.clearance.analytics import Format
from cantoria.clearance.dataset import clear_dataset, clear_rows, register_rows
from cantoria.clearance.decide import decide_persons
from cantoria.clearance.persons import persons_of
from cantoria.clearance.relied import collect
from cantoria.clearance.snapshot import build
from cantoria.kernel.uses import Use
from cantoria.testing.worlds import World, random_world

SECRET = bytes(range(32))
PERSONAL = (Use.STYLE, Use.VOICE, Use.LIKENESS)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def busy(world: World, rng: Random) -> list[Row]:
    """Return the rows of a world by ascending line with gaps, some with signals beside, some with odd own codes."""
    rows = []
    for line, row in enumerate(sorted(world.rows, key=lambda one: one.line), 1):
        codes = row.codes
        if rng.random() < 0.2:
            codes = (*codes, f'own:A:"q\\u{line}\n', "own:Ünï:|")
        refused = frozenset(rng.sample(list(Use), 2)) if rng.random() < 0.2 else frozenset()
        rows.append(Row(3 * line, codes, row.media, refused))
    return rows


@pytest.mark.parametrize("seed", range(15))
def test_files_of_the_engine_are_those_of_the_rows(engine: DuckDBAnalytics, seed: int, tmp_path: Path) -> None:
    world = random_world(seed)
    rows = busy(world, Random(seed))
    request = replace(world.requests[seed % len(world.requests)], size=len(world.facts))
    rights = Rights.fold(world.facts)
    found = clear_rows(rows, request=request, rights=rights, analytics=engine, evidence=True)
    expected = collect(found.because())
    assert kept_plan.relied_of(engine, persons=found.persons).encode() == expected.encode()
    root_plan.bind(engine, secret=SECRET)
    kept = b"".join(kept_plan.kept_parts(engine, secret=SECRET))
    root_plan.forget(engine)
    whole = KeptDataset([replace(row, codes=tuple(sorted(set(row.codes)))) for row in rows], SECRET, found.subjects())
    assert kept == datasets.encode(whole)
    assert datasets.decode(kept) == whole
    cleared = [row for row, result in zip(rows, found.results(), strict=True) if result.reason is None]
    path = tmp_path / "cleared.csv"
    engine.export(kept_plan.cleared_query(engine.dialect), path=str(path), file_format=Format.CSV)
    small = list(csv.DictReader(manifest_csv(cleared).decode().splitlines(keepends=True)))
    with path.open(newline="", encoding="utf-8") as file:
        assert [_sorted(one) for one in csv.DictReader(file)] == [_sorted(one) for one in small]


def _sorted(row: dict[str, str]) -> dict[str, str]:
    """Several codes of one scheme stand in any order."""
    return {name: "|".join(sorted(set(cell.split("|")))) if name != "own" else cell for name, cell in row.items()}


def personal() -> list[tuple[World, Request]]:
    found = []
    for seed in range(400):
        world = random_world(5_000 + seed)
        found += [(world, request) for request in world.requests if request.persons or request.use in PERSONAL]
    return found[:30]


@pytest.mark.parametrize("part", range(3))
def test_persons_by_the_snapshot_are_those_of_the_views(engine: DuckDBAnalytics, part: int) -> None:
    for world, asked in personal()[part * 10 : part * 10 + 10]:
        request = replace(asked, size=len(world.facts))
        rights = Rights.fold(world.facts)
        snapshot = build(rights, at=request.at, size=request.size)
        register_rows(world.rows, analytics=engine)
        for name, table in snapshot.tables.items():
            engine.register(name, table)
        expected = decide_persons(request, rights=rights)
        assert persons_of(engine, request=request) == expected
        result = clear_dataset(snapshot, request=request, persons=expected, analytics=engine, evidence=True)
        assert result.rows == len(world.rows)
