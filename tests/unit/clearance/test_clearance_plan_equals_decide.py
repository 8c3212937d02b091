"""The set-based plan gives the answers of `decide`, reason by reason, on more than a thousand random worlds."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Request, Rights, Row, Status, decide, explain_all
from cantoria.clearance.analytics import Format
from cantoria.clearance.dataset import clear_dataset, clear_rows, register_rows
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_schema import SCHEMAS, schema_of
from cantoria.kernel.errors import InputError
from cantoria.kernel.uses import Use
from cantoria.testing.merged_worlds import Decided, decided, merge
from cantoria.testing.worlds import random_world

BATCHES = 20
WORLDS_PER_BATCH = 50
WORLDS_WITH_PERSONS = 60


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def template(number: int, *, persons: bool) -> Request:
    """Return the request number `number` that names persons, or names none."""
    requests = [request for seed in range(40) for request in random_world(seed).requests]
    if persons:
        return [request for request in requests if request.persons][number]
    asking = [request for request in requests if request.use not in (Use.STYLE, Use.VOICE, Use.LIKENESS)]
    return replace(asking[number], persons=())


def batch(number: int) -> Decided:
    request = template(number, persons=False)
    first = number * WORLDS_PER_BATCH
    return merge([decided(seed, template=request) for seed in range(first, first + WORLDS_PER_BATCH)])


def assert_equal_answers(world: Decided, engine: DuckDBAnalytics, *, restricted: bool = False) -> None:
    register_rows(world.rows, analytics=engine)
    result = clear_dataset(world.snapshot, analytics=engine, evidence=True, restricted=restricted)
    answers = dict(result.answers())
    different = [line for line, answer in world.answers.items() if answers.get(line) != answer]
    assert answers.keys() == world.answers.keys()
    assert [(line, world.answers[line], answers[line]) for line in different[:3]] == []


@pytest.mark.parametrize("number", range(BATCHES))
def test_plan_equals_decide_on_random_worlds(engine: DuckDBAnalytics, number: int) -> None:
    assert_equal_answers(batch(number), engine, restricted=number % 2 == 1)


@pytest.mark.parametrize("start", range(0, WORLDS_WITH_PERSONS, 10))
def test_plan_equals_decide_where_persons_are_named(engine: DuckDBAnalytics, start: int) -> None:
    for number in range(start, start + 10):
        request = template(number, persons=True)
        world = random_world(5_000 + number)
        request = replace(request, size=len(world.facts))
        rights = Rights.fold(world.facts, size=request.size)
        expected = {row.line: decide(row, request, rights=rights) for row in world.rows}
        result = clear_rows(world.rows, request=request, rights=rights, analytics=engine, evidence=True)
        assert dict(result.answers()) == expected


def test_random_worlds_show_every_status_and_most_reasons() -> None:
    statuses: Counter[Status] = Counter()
    codes = set()
    for number in range(4):
        for answer in batch(number).answers.values():
            statuses[answer.status] += 1
            codes.update(reason.code for reason in getattr(answer, "reasons", ()))
    assert all(statuses[status] >= 20 for status in Status)
    assert len(codes) >= 14


def test_threads_and_row_order_do_not_matter(tmp_path: Path) -> None:
    world = batch(3)
    files = []
    for threads in (1, 2, 7):
        rows = list(world.rows)
        Random(threads).shuffle(rows)
        with DuckDBAnalytics(threads=threads) as engine:
            register_rows(rows, analytics=engine)
            result = clear_dataset(world.snapshot, analytics=engine, evidence=True)
            target = tmp_path / f"{threads}.csv"
            assert result.export(str(target), file_format=Format.CSV) == len(rows)
            files.append((target.read_bytes(), list(result.because()), result.counts(), result.reasons()))
    assert files[0] == files[1] == files[2]


def test_export_says_what_the_answers_say(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    world = batch(5)
    register_rows(world.rows, analytics=engine)
    result = clear_dataset(world.snapshot, analytics=engine)
    target = tmp_path / "answers.parquet"
    result.export(str(target), file_format=Format.PARQUET)
    query = f"SELECT line, codes, status, reason_codes, reasons, parties, missing FROM '{target}' ORDER BY line"
    exported = {line: row for line, *row in engine.fetch(query)}
    for row in world.rows:
        answer = world.answers[row.line]
        reasons = getattr(answer, "reasons", ())
        assert exported[row.line] == [
            sorted(set(row.codes)),
            answer.status.value,
            [reason.code.name.lower() for reason in reasons],
            list(explain_all(answer)),
            sorted({reason.party for reason in reasons if reason.party}),
            list(getattr(answer, "missing", ())),
        ]


def test_every_reason_is_counted(engine: DuckDBAnalytics) -> None:
    for number in range(4):
        world = batch(number)
        register_rows(world.rows, analytics=engine)
        result = clear_dataset(world.snapshot, analytics=engine)
        counts = Counter(
            code
            for answer in world.answers.values()
            for code in {reason.code for reason in getattr(answer, "reasons", ())}
        )
        assert {one.reason: one.rows for one in result.all_reasons()} == counts


def test_signals_stand_beside_answers_and_change_none(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    world = batch(1)
    register_rows(world.rows, analytics=engine)
    result = clear_dataset(world.snapshot, analytics=engine)
    said = {row.line: f"{row.line} is 'stated'" for row in world.rows[::3]}
    columns: list[object] = []
    for name, signals in (("with", said), ("without", {})):
        target = tmp_path / f"{name}.parquet"
        result.export(str(target), file_format=Format.PARQUET, signals=signals)
        assert dict(engine.fetch(f"SELECT line, signal FROM '{target}'")) == {
            row.line: signals.get(row.line, "") for row in world.rows
        }
        columns.append(engine.fetch(f"SELECT * EXCLUDE (signal) FROM '{target}' ORDER BY line"))
    assert columns[0] == columns[1]
    result.export(str(tmp_path / "said.csv"), file_format=Format.CSV, signals=dict.fromkeys(said, "=1+1"))
    assert {row["signal"] for row in csv.DictReader((tmp_path / "said.csv").read_text().splitlines())} == {"'=1+1", ""}


def test_rows_that_cannot_be_read_are_refused(engine: DuckDBAnalytics) -> None:
    with pytest.raises(InputError, match="stands twice"):
        register_rows([Row(1, ("a",)), Row(1, ("b",))], analytics=engine)
    with pytest.raises(InputError, match="media"):
        register_rows([Row(1, ("a",), "film")], analytics=engine)
    with pytest.raises(InputError, match="65 codes"):
        register_rows([Row(1, tuple(str(n) for n in range(65)))], analytics=engine)


def test_statements_are_not_given_without_evidence(engine: DuckDBAnalytics) -> None:
    world = batch(0)
    register_rows(world.rows, analytics=engine)
    assert list(clear_dataset(world.snapshot, analytics=engine, evidence=True).because())
    with pytest.raises(InputError, match="without evidence"):
        list(clear_dataset(world.snapshot, analytics=engine).because())


def test_snapshot_has_the_documented_tables(engine: DuckDBAnalytics) -> None:
    world = random_world(7)
    rights = Rights.fold(world.facts)
    for request in world.requests:
        snapshot = build(rights, request=replace(request, size=len(world.facts)))
        assert snapshot.tables.keys() == SCHEMAS.keys()
        for name, table in snapshot.tables.items():
            assert table.schema == schema_of(name, regions=len(snapshot.countries))
            engine.register(name, table)


def test_code_that_is_no_text_is_refused(engine: DuckDBAnalytics) -> None:
    with pytest.raises(InputError, match="does not fit"):
        register_rows([Row(1, ("isrc:\ud800",))], analytics=engine)
