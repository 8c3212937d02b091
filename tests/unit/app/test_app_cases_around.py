"""Conflicts in random worlds: the neighbourhood of a subject tells them as the whole ledger does, and chains of title
weigh the same in the reference and in the set-based plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from tests.unit.app.test_app_rights import Shelf, compare, size_of

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.app.rights import RightsViews, load_around
from cantoria.clearance import Rights, decide
from cantoria.clearance.dataset import clear_rows
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.registry import Case, CaseKind
from cantoria.registry.conflict_facts import CaseDecided
from cantoria.registry.facts import ClaimWithdrawn, LinkAsserted, ShareClaimed, WorkRegistered
from cantoria.registry.trade_facts import ChainAsserted, LinkWithdrawn
from cantoria.testing.conflict_worlds import conflict_world


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=1) as analytics:
        yield analytics


@pytest.mark.parametrize("start", range(0, 40, 10))
def test_the_neighbourhood_tells_the_cases_that_the_whole_ledger_tells(start: int) -> None:
    met: Counter[CaseKind] = Counter()
    for seed in range(start, start + 10):
        world = conflict_world(seed)
        shelf: Any = Shelf(world.facts)
        size = size_of(world)
        whole = RightsViews(shelf).load(size=size).registry
        at = world.facts[-1].claimed_at + seed * 10 * 86_400_000_000
        for subject in sorted({case.subject for case in whole.cases(at)}):
            around = load_around(shelf, subjects=[subject], size=size).registry
            own = [case for case in whole.cases_of(subject, at=at) if case.subject == subject]
            found = [case for case in around.cases_of(subject, at=at) if case.subject == subject]
            assert found == own, f"{world} {subject}"
            met.update(case.kind for case in own)
    assert len(met) >= 5, met


@pytest.mark.parametrize("start", range(0, 40, 20))
def test_the_neighbourhood_answers_rows_with_conflicts_as_the_whole_ledger_does(start: int) -> None:
    for seed in range(start, start + 20):
        world = conflict_world(seed)
        compare(world, size_of(world))


def test_the_plan_weighs_conflicts_as_the_reference_does(engine: DuckDBAnalytics) -> None:
    broken: list[Case] = []
    for seed in range(100, 125):
        world = conflict_world(seed)
        request = replace(world.requests[0], size=size_of(world))
        rights = Rights.fold(world.facts, size=request.size)
        expected = {row.line: decide(row, request, rights=rights) for row in world.rows}
        result = clear_rows(world.rows, request=request, rights=rights, analytics=engine, evidence=True)
        assert dict(result.answers()) == expected, world
        cases = rights.registry.cases(request.at)
        broken += [case for case in cases if case.kind is CaseKind.CHAIN_BROKEN and case.blocks]
    assert broken


def test_nothing_that_a_stranger_says_of_conflicts_changes_an_answer() -> None:
    for seed in range(200, 230):
        world = conflict_world(seed)
        rng, start, at = Random(seed), size_of(world), world.facts[-1].claimed_at
        links = [said.fact.link for said in world.facts if isinstance(said.fact, LinkAsserted)]
        claims = [said.fact for said in world.facts if isinstance(said.fact, ShareClaimed)]
        works = [said.fact.work for said in world.facts if isinstance(said.fact, WorkRegistered)]
        fallen = rng.choice(claims)
        decided = CaseDecided(
            case="case_x", subject=fallen.subject, decided_by="party_x", outcome="mine", falls=(fallen.claim,)
        )
        said: list[Any] = [
            *(LinkWithdrawn(link=rng.choice(links)) for _ in range(3)),
            *(
                ChainAsserted(chain=f"x{n}", subject=rng.choice(works), grantor=grantor, acquirer="party_publisher")
                for n, grantor in enumerate(("", "party_p0", "party_p1"))
            ),
            decided,
            ClaimWithdrawn(claim=fallen.claim, at=0),
        ]
        more = [Recorded(start + n, f"x{n}", "party_x", Capacity.DISTRIBUTOR, at, fact) for n, fact in enumerate(said)]
        before = Rights.fold(world.facts)
        after = Rights.fold([*world.facts, *more])
        for request in world.requests:
            asked = replace(request, size=start + len(more))
            for row in world.rows:
                assert decide(row, asked, rights=after) == decide(row, asked, rights=before), f"{world} {row}"
