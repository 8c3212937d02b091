"""The set-based plan gives the answers of `decide`, reason by reason, on more than a thousand random worlds."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Cleared, Request, Rights, Row, Status, decide, explain_all
from cantoria.clearance.analytics import Format
from cantoria.clearance.dataset import ClearanceResult, clear_dataset, clear_rows, register_rows
from cantoria.clearance.decide import decide_persons
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_schema import SCHEMAS
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import Use
from cantoria.testing.merged_worlds import Merged, merge, part_of, random_part
from cantoria.testing.restless_worlds import restless_world
from cantoria.testing.world_parts import QUERY
from cantoria.testing.worlds import LATE, random_world

BATCHES = 20
WORLDS_PER_BATCH = 50
REQUESTS_PER_BATCH = 4
WORLDS_WITH_PERSONS = 60
MOMENTS = (QUERY, QUERY, LATE, parse_moment("2024-06-01"))
ALONE = Cleared(())  # what nobody named comes to


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


@cache
def templates() -> tuple[Request, ...]:
    return tuple(request for seed in range(200) for request in random_world(seed).requests)


def template(number: int, *, at: int) -> Request:
    """Return request number `number` that asks works and recordings and names nobody."""
    asking = [request for request in templates() if request.use not in (Use.STYLE, Use.VOICE, Use.LIKENESS)]
    return replace(asking[number % len(asking)], persons=(), at=at)


def batch(number: int) -> Merged:
    first = number * WORLDS_PER_BATCH
    at = MOMENTS[number % len(MOMENTS)]
    return merge([random_part(seed, at=at) for seed in range(first, first + WORLDS_PER_BATCH)])


def requests(number: int, world: Merged) -> list[Request]:
    """Return several requests for one batch, of moments in which its snapshot is good."""
    moments = (world.snapshot.at, world.snapshot.until - 1, (world.snapshot.at + world.snapshot.until) // 2)
    return [template(number + BATCHES * n, at=moments[n % len(moments)]) for n in range(REQUESTS_PER_BATCH)]


def clear(world: Merged, request: Request, engine: DuckDBAnalytics, *, restricted: bool = False) -> ClearanceResult:
    register_rows(world.rows, analytics=engine)
    persons = decide_persons(request, rights=world.parts[0].rights)
    return clear_dataset(
        world.snapshot, request=request, persons=persons, analytics=engine, evidence=True, restricted=restricted
    )


def assert_equal_answers(world: Merged, request: Request, engine: DuckDBAnalytics, *, restricted: bool = False) -> None:
    answers = dict(clear(world, request, engine, restricted=restricted).answers())
    expected = world.answers(request)
    different = [line for line, answer in expected.items() if answers.get(line) != answer]
    assert answers.keys() == expected.keys()
    assert [(line, expected[line], answers[line]) for line in different[:3]] == []


@pytest.mark.parametrize("number", range(BATCHES))
def test_plan_equals_decide_on_random_worlds(engine: DuckDBAnalytics, number: int) -> None:
    world = batch(number)
    for request in requests(number, world):
        assert_equal_answers(world, request, engine, restricted=number % 2 == 1)


@pytest.mark.parametrize("number", range(4))
def test_plan_equals_decide_where_everything_was_said_otherwise_before(engine: DuckDBAnalytics, number: int) -> None:
    restless = [restless_world(seed) for seed in range(number * 40, number * 40 + 40)]
    at = MOMENTS[number]
    world = merge([part_of(one.rows, one.facts, at=at, size=one.facts[-1].index + 1) for one in restless])
    for request in requests(number + 7, world):
        assert_equal_answers(world, request, engine, restricted=number % 2 == 0)


@pytest.mark.parametrize("start", range(0, WORLDS_WITH_PERSONS, 10))
def test_plan_equals_decide_where_persons_are_named(engine: DuckDBAnalytics, start: int) -> None:
    naming = [request for request in templates() if request.persons]
    for number in range(start, start + 10):
        world = random_world(5_000 + number)
        request = replace(naming[number], size=len(world.facts))
        rights = Rights.fold(world.facts, size=request.size)
        expected = {row.line: decide(row, request, rights=rights) for row in world.rows}
        result = clear_rows(world.rows, request=request, rights=rights, analytics=engine, evidence=True)
        assert dict(result.answers()) == expected


def test_random_worlds_show_every_status_and_most_reasons() -> None:
    statuses: Counter[Status] = Counter()
    codes = set()
    for number in range(4):
        world = batch(number)
        for answer in world.answers(requests(number, world)[0]).values():
            statuses[answer.status] += 1
            codes.update(reason.code for reason in getattr(answer, "reasons", ()))
    assert all(statuses[status] >= 20 for status in Status)
    assert len(codes) >= 14


def test_threads_and_row_order_do_not_matter(tmp_path: Path) -> None:
    world = batch(3)
    request = requests(3, world)[0]
    files = []
    for threads in (1, 2, 7):
        rows = list(world.rows)
        Random(threads).shuffle(rows)
        with DuckDBAnalytics(threads=threads) as engine:
            result = clear(replace(world, rows=tuple(rows)), request, engine)
            target = tmp_path / f"{threads}.csv"
            assert result.export(str(target), file_format=Format.CSV) == len(rows)
            files.append((target.read_bytes(), list(result.because()), result.counts(), result.reasons()))
    assert files[0] == files[1] == files[2]


def test_export_says_what_the_answers_say(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    world = batch(5)
    request = requests(5, world)[0]
    result, answers = clear(world, request, engine), world.answers(request)
    target = tmp_path / "answers.parquet"
    result.export(str(target), file_format=Format.PARQUET)
    query = f"SELECT line, codes, status, reason_codes, reasons, parties, missing FROM '{target}' ORDER BY line"
    exported = {line: row for line, *row in engine.fetch(query)}
    for row in world.rows:
        answer = answers[row.line]
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
        request = requests(number, world)[1]
        result = clear(world, request, engine)
        counts = Counter(
            code
            for answer in world.answers(request).values()
            for code in {reason.code for reason in getattr(answer, "reasons", ())}
        )
        assert {one.reason: one.rows for one in result.all_reasons()} == counts


def test_signals_stand_beside_answers_and_change_none(engine: DuckDBAnalytics, tmp_path: Path) -> None:
    world = batch(1)
    result = clear(world, requests(1, world)[0], engine)
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
    [request, *_] = requests(0, world)
    assert list(clear(world, request, engine).because())
    result = clear_dataset(world.snapshot, request=request, persons=ALONE, analytics=engine)
    with pytest.raises(InputError, match="without evidence"):
        list(result.because())


def test_snapshot_has_the_documented_tables(engine: DuckDBAnalytics) -> None:
    world = random_world(7)
    rights = Rights.fold(world.facts)
    snapshot = build(rights, at=QUERY, size=len(world.facts))
    assert list(snapshot.tables) == list(SCHEMAS)
    for name, table in snapshot.tables.items():
        assert table.schema == SCHEMAS[name]
        engine.register(name, table)


def test_request_of_another_time_is_refused(engine: DuckDBAnalytics) -> None:
    world = batch(0)
    for at in (world.snapshot.at - 1, world.snapshot.until):
        with pytest.raises(InputError, match="requests from"):
            clear(world, template(0, at=at), engine)


def test_code_that_is_no_text_is_refused(engine: DuckDBAnalytics) -> None:
    with pytest.raises(InputError, match="does not fit"):
        register_rows([Row(1, ("isrc:\ud800",))], analytics=engine)
