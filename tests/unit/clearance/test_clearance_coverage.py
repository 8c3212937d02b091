"""Coverage counts what the reference decides, row by row, and a plan's rows are cleared once its yeses are said."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Cleared, Request, Rights, Status, decide
from cantoria.clearance.coverage import (
    MENDABLE,
    Cell,
    Coverage,
    Question,
    Span,
    everything,
    measure,
    waiting_for,
)
from cantoria.clearance.coverage_svg import heat_map
from cantoria.clearance.dataset import register_rows
from cantoria.clearance.decide import decide_persons
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.snapshot import build
from cantoria.kernel.uses import Use
from cantoria.testing.worlds import World, random_world

PLACES = ("0410", "0724", "0840 0250")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def load(world: World, engine: DuckDBAnalytics, request: Request) -> tuple[Rights, Span]:
    rights = Rights.fold(world.facts)
    snapshot = build(rights, at=request.at, size=request.size)
    for name, table in snapshot.tables.items():
        engine.register(name, table)
    register_rows(world.rows, analytics=engine)
    return rights, Span(snapshot.at, snapshot.until)


def request_of(world: World, use: Use, place: str) -> Request:
    return replace(world.requests[0], use=use, territories=place, campaign="c", used_input=True, profile="base")


@pytest.mark.parametrize("seed", range(2))
def test_every_cell_counts_what_the_reference_decides(seed: int, engine: DuckDBAnalytics) -> None:
    world = random_world(seed)
    rights, span = load(world, engine, world.requests[0])
    questions = [
        Question(territory=place, request=asked, persons=decide_persons(asked, rights=rights))
        for use in Use
        for place in PLACES
        for asked in [request_of(world, use, place)]
    ]
    steps: list[tuple[int, int | None]] = []
    cells = measure(engine, questions, span=span, step=lambda done, of: steps.append((done, of)))
    assert steps == [(n, len(questions)) for n in range(1, len(questions) + 1)]
    for question, cell in zip(questions, cells, strict=True):
        decided = Counter(decide(row, question.request, rights=rights).status for row in world.rows)
        assert cell.counts == decided, (question.request.use, question.territory)
        assert cell.rows == len(world.rows)


@pytest.mark.parametrize("seed", [1, 4, 6])
def test_what_waits_is_what_the_reference_says_is_missing(seed: int, engine: DuckDBAnalytics) -> None:
    world = random_world(seed)
    for use in (Use.TRAIN_GENERATIVE, Use.RELEASE_OUTPUT, Use.VOICE):
        asked = request_of(world, use, "0410 0724")
        rights, span = load(world, engine, asked)
        persons = decide_persons(asked, rights=rights)
        waiting = waiting_for(engine, Question(territory="", request=asked, persons=persons), span=span)
        expected: Counter[tuple[str, ...]] = Counter()
        blocked: Counter[ReasonCode] = Counter()
        cleared = 0
        for row in world.rows:
            answer = decide(row, asked, rights=rights)
            if isinstance(answer, Cleared):
                cleared += 1
            elif all(reason.code in MENDABLE for reason in answer.reasons):
                expected[answer.missing] += 1
            else:
                blocked[answer.reasons[0].code] += 1
        found = {
            tuple(sorted(waiting.voices[number] for number in group.voices)): group.rows for group in waiting.groups
        }
        assert found == expected
        assert waiting.blocked == blocked
        assert (waiting.cleared, waiting.rows) == (cleared, sum(expected.values()))


def test_reasons_that_no_yes_mends_come_first() -> None:
    assert max(code for code in ReasonCode if code not in MENDABLE) < min(MENDABLE)


def test_everything_is_a_line_for_each_recording_with_a_code(engine: DuckDBAnalytics) -> None:
    world = random_world(5)
    rights, span = load(world, engine, world.requests[0])
    everything(engine, media=0)
    asked = request_of(world, Use.ANALYSE, "0410")
    [cell] = measure(
        engine, [Question(territory="KR", request=asked, persons=decide_persons(asked, rights=rights))], span=span
    )
    lines = engine.fetch("SELECT line, subject FROM answer ORDER BY line")
    assert [line for line, _ in lines] == list(range(1, cell.rows + 1))
    assert len({subject for _, subject in lines}) == len(lines) > 0


def test_shares_are_whole_percent_and_never_round_to_all_or_nothing() -> None:
    cell = Cell(use=Use.ANALYSE, territory="KR", counts={Status.CLEARED: 1, Status.UNKNOWN: 9_999})
    assert (cell.share(Status.CLEARED), cell.share(Status.UNKNOWN), cell.share(Status.DENIED)) == (1, 99, 0)
    assert Cell(use=Use.ANALYSE, territory="KR", counts={Status.DENIED: 3}).share(Status.DENIED) == 100
    assert Cell(use=Use.ANALYSE, territory="KR", counts={}).share(Status.DENIED) == 0


def test_the_heat_map_says_everything_in_words() -> None:
    counts = {Status.CLEARED: 620, Status.LICENSABLE: 200, Status.DENIED: 80, Status.UNKNOWN: 100}
    cells = tuple(
        Cell(use=use, territory=place, counts=counts if use is Use.ANALYSE else {Status.UNKNOWN: 1_000})
        for use in (Use.ANALYSE, Use.TRAIN_GENERATIVE)
        for place in ("KR", "<ES> & \x1b[2J")
    )
    drawn = heat_map(Coverage(title="a & <b>\u202e", rows=1_000, size=9, at=0, cells=cells))
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "t d"
    title, description = root.find(SVG + "title"), root.find(SVG + "desc")
    assert title is not None
    assert description is not None
    assert title.text == "Coverage of a & <b>\\u202e"
    assert "analyse in KR: 620 cleared, 200 licensable, 80 denied, 100 unknown." in (description.text or "")
    groups = root.findall(SVG + "g")
    assert len(groups) == len(cells)
    texts = ["".join(text.itertext()) for text in groups[0].findall(SVG + "text")]
    assert texts == ["62 % cleared", "L 20 · D 8 · U 10"]
    lengths = [int(bar.get("width", "0")) for bar in groups[0].findall(SVG + "rect")[1:-1]]
    assert sum(lengths) == int(groups[0].findall(SVG + "rect")[-1].get("width", "0"))
    assert "prefers-color-scheme: dark" in drawn
    assert "<script" not in drawn
    assert "http" not in drawn.replace('xmlns="http://www.w3.org/2000/svg"', "")
