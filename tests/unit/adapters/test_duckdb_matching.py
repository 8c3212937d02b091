"""Matching in DuckDB equals the reference, row by row; what a cap leaves out is told; sources with each thing once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.matching_world import World
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.registry.matching.conftest import rows

from cantoria.adapters.duckdb.matching import DuckDBMatcher
from cantoria.adapters.duckdb.matching_engine import MatchingEngine
from cantoria.adapters.duckdb.matching_tables import read_rows
from cantoria.kernel.errors import InputError
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching import Band, Field, Normal, Row, Thresholds, compare, judge, normalise
from cantoria.registry.matching.comparing import RARE_ROWS
from cantoria.registry.matching.model import shipped
from cantoria.registry.matching.ports import ScoredPair
from cantoria.registry.matching.types import Title

RECORDING = MatchKind.RECORDING
WIDE = Thresholds(link_ppm=900_000, review_ppm=1)


@pytest.fixture(scope="module")
def engine() -> Iterator[MatchingEngine]:
    with MatchingEngine(threads=1) as opened:
        yield opened


def matched(engine: MatchingEngine, found: list[Row], *, kind: MatchKind = RECORDING) -> DuckDBMatcher:
    matcher = DuckDBMatcher(engine)
    assert matcher.load(found, kind=kind, aliases={}) == len(found)
    matcher.block()
    matcher.compare()
    return matcher


def scored_by_hand(found: list[Row], *, kind: MatchKind) -> list[ScoredPair]:
    """The same by the reference: every pair that shares a key, one after the other."""
    normals = [normalise(row, kind=kind) for row in found]
    uses: dict[str, int] = {}
    for normal in normals:
        uses[normal.titles] = uses.get(normal.titles, 0) + 1
    pairs = []
    for one, other in combinations(normals, 2):
        if set(one.keys) & set(other.keys):
            rare = uses[one.titles] + uses[other.titles] <= RARE_ROWS
            pattern = compare(one, other, rare=rare)
            judged = judge(pattern, model=shipped(kind), thresholds=WIDE)
            if judged.band is not Band.NO:
                left, right = sorted((one.id, other.id))
                rest = (judged.weight, judged.probability_ppm, judged.band, judged.rule)
                pairs.append(ScoredPair(left, right, pattern, *rest))
    return sorted(pairs, key=lambda pair: (pair.left, pair.right))


@settings(max_examples=40)
@given(found=st.lists(rows(), max_size=14, unique_by=lambda row: row.id), kind=st.sampled_from(list(MatchKind)))
def test_duckdb_matching_equals_the_reference(engine: MatchingEngine, found: list[Row], kind: MatchKind) -> None:
    matcher = matched(engine, found, kind=kind)
    counts = matcher.judge(shipped(kind), thresholds=WIDE)
    wanted = scored_by_hand(found, kind=kind)
    assert list(matcher.pairs()) == wanted
    assert counts[Band.LINK] == sum(pair.band is Band.LINK for pair in wanted)


@pytest.mark.parametrize("kind", list(MatchKind))
def test_duckdb_matching_equals_the_reference_on_a_catalogue(engine: MatchingEngine, kind: MatchKind) -> None:
    world = World(seed=3, scale=400)
    made = {MatchKind.RECORDING: world.recordings, MatchKind.WORK: world.works, MatchKind.PARTY: world.parties}[kind]
    found = [row for row, _ in made(400)]
    matcher = matched(engine, found, kind=kind)
    matcher.judge(shipped(kind), thresholds=WIDE)
    wanted = scored_by_hand(found, kind=kind)
    assert len(wanted) > 20
    assert list(matcher.pairs()) == wanted


def test_duckdb_matching_tells_what_a_cap_leaves_out(engine: MatchingEngine) -> None:
    alike = [Row(id=f"recording_{n}", title="Rain", artist="Ana Ruiz", isrc=("isrc:KRA381900123",)) for n in range(6)]
    alone = Row(id="recording_alone", title="Snow", artist="Boris Vian")
    matcher = DuckDBMatcher(engine)
    matcher.load([*alike, alone], kind=RECORDING, aliases={})
    blocked = matcher.block(rows_max=5)
    assert (blocked.rows, blocked.pairs, blocked.unreached) == (7, 0, 6)
    code = next(kind for kind in blocked.kinds if kind.kind == "code")
    assert (code.blocks, code.largest, code.capped_blocks, code.capped_rows, code.capped_pairs) == (1, 6, 1, 6, 15)
    assert blocked.capped_pairs >= 15
    matcher.load([*alike, alone], kind=RECORDING, aliases={})
    assert matcher.block(rows_max=6).pairs == 15
    with pytest.raises(InputError):
        matcher.block(rows_max=1)


def test_duckdb_matching_links_one_to_one_where_a_source_holds_each_thing_once(engine: MatchingEngine) -> None:
    ours = Row(id="recording_a", source="ours", title="Rain", artist="Ana Ruiz", duration_ms=180_000)
    best = Row(id="recording_b", source="theirs", title="Rain", artist="Ana Ruiz", duration_ms=180_000)
    next_best = Row(id="recording_c", source="theirs", title="Rain", artist="Ana Ruiz", duration_ms=183_000)
    thresholds = Thresholds(link_ppm=300_000, review_ppm=1_000)
    bands = {}
    for one_each in (frozenset[str](), frozenset({"theirs"})):
        matcher = DuckDBMatcher(engine)
        matcher.load([ours, best, next_best], kind=RECORDING, aliases={})
        matcher.block(one_each=one_each)
        matcher.compare()
        matcher.judge(shipped(RECORDING), thresholds=thresholds, one_each=one_each)
        bands[one_each] = {(pair.left[-1], pair.right[-1]): (pair.band, pair.rule) for pair in matcher.pairs()}
    free, bound = bands.values()
    assert set(free) == {("a", "b"), ("a", "c"), ("b", "c")}
    assert bound == {("a", "b"): (Band.LINK, ""), ("a", "c"): (Band.REVIEW, "one_to_one")}


def test_duckdb_matching_counts_an_id_once_as_it_came_first(engine: MatchingEngine) -> None:
    row = Row(id="recording_a", title="Rain", artist="Ana Ruiz")
    later = Row(id="recording_a", title="Snow", artist="Ana Ruiz")
    other = Row(id="recording_b", title="Rain", artist="Ana Ruiz")
    matcher = DuckDBMatcher(engine)
    assert matcher.load([row, other, later], kind=RECORDING, aliases={}) == 2
    assert matcher.block().pairs == 1
    matcher.compare()
    matcher.judge(shipped(RECORDING), thresholds=WIDE)
    (pair,) = matcher.pairs()
    assert pair.pattern.level(Field.TITLE) == Title.EQUAL_RARE


def test_duckdb_matching_refuses_another_kinds_model(engine: MatchingEngine) -> None:
    row = Row(id="recording_a", title="Rain")
    with pytest.raises(InputError, match="model"):
        matched(engine, [row]).judge(shipped(MatchKind.WORK), thresholds=WIDE)


def test_duckdb_matching_asks_for_rows_in_the_callers_thread_and_keeps_its_errors(engine: MatchingEngine) -> None:
    asked: set[int] = set()

    def told() -> Iterator[Row]:
        for number in range(3):
            asked.add(threading.get_ident())
            yield Row(id="" if number == 2 else f"recording_{number}", title="Rain")

    with pytest.raises(InputError, match="no id"):
        DuckDBMatcher(engine).load(told(), kind=RECORDING, aliases={})
    assert asked == {threading.get_ident()}


def test_duckdb_matching_of_nothing_is_nothing(engine: MatchingEngine) -> None:
    matcher = matched(engine, [])
    assert matcher.judge(shipped(RECORDING), thresholds=WIDE) == {Band.LINK: 0, Band.REVIEW: 0, Band.NO: 0}
    assert list(matcher.pairs()) == []


def test_duckdb_matching_reads_tables_by_the_contract(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": ["r1", "r2"],
            "title": ["Rain", "봄비"],
            "artist": ["Ana Ruiz", None],
            "isrc": ["KR-A38-19-00123", "isrc:KRA381900124|KRA381900125"],
            "writers": pa.array([["Ada Molina", "Bo Kim"], None], pa.list_(pa.string())),
            "duration_ms": [180_000, None],
            "unknown": [1, 2],
        }
    )
    pq.write_table(table, tmp_path / "rows.parquet")
    first, second = read_rows(str(tmp_path / "rows.parquet"))
    assert first == Row(
        id="r1",
        title="Rain",
        artist="Ana Ruiz",
        isrc=("isrc:KRA381900123",),
        writers=("Ada Molina", "Bo Kim"),
        duration_ms=180_000,
    )
    assert second.isrc == ("isrc:KRA381900124", "isrc:KRA381900125")
    assert isinstance(normalise(second, kind=RECORDING), Normal)
    pq.write_table(pa.table({"id": ["r1"]}), tmp_path / "bare.parquet")
    with pytest.raises(InputError, match="title"):
        list(read_rows(str(tmp_path / "bare.parquet")))
    (tmp_path / "none.parquet").write_bytes(b"no table")
    with pytest.raises(InputError):
        list(read_rows(str(tmp_path / "none.parquet")))
