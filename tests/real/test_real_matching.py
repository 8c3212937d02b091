"""Matching of a real list of recordings: its two true duplicates are links, its many versions are not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from cantoria.adapters.duckdb.matching import DuckDBMatcher
from cantoria.adapters.duckdb.matching_engine import MatchingEngine
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching import Band, Field, Row, Thresholds
from cantoria.registry.matching.model import shipped
from cantoria.registry.matching.types import Code, Facets

FILE = Path(__file__).parents[3] / "shared" / "data" / "catalogue" / "streams_2024.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the catalogue is not on this machine")


def test_real_recordings_link_only_where_code_and_names_agree() -> None:
    with FILE.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = [
            Row(id=f"r{number:05d}", title=one["Track"], artist=one["Artist"], isrc=(f"isrc:{one['ISRC']}",))
            for number, one in enumerate(csv.DictReader(file))
        ]
    with MatchingEngine() as engine:
        matcher = DuckDBMatcher(engine)
        assert matcher.load(rows, kind=MatchKind.RECORDING, aliases={}) == len(rows)
        blocked = matcher.block()
        matcher.compare()
        matcher.judge(shipped(MatchKind.RECORDING), thresholds=Thresholds())
        pairs = list(matcher.pairs())
    assert blocked.unreached == 0
    codes = {row.id: row.isrc for row in rows}
    links = [pair for pair in pairs if pair.band is Band.LINK]
    assert len(links) == 2, "the file holds two of its rows twice"
    assert all(codes[pair.left] == codes[pair.right] for pair in links)
    versions = [pair for pair in pairs if pair.pattern.level(Field.FACETS) != Facets.SAME]
    assert all(pair.band is Band.REVIEW for pair in versions)
    same_names = [pair for pair in pairs if pair.pattern.level(Field.FIRST_CODE) == Code.DISAGREE]
    assert len(same_names) > 100, "many are there under two codes: for a person to look at"
