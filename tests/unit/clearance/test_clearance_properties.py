"""Properties of `decide` over random worlds: refusals only tighten, and nothing that gets lost ever opens a door."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cantoria import clearance
from cantoria.clearance import Answer, Cleared, ReasonCode, Request, Rights, Row, Status
from cantoria.consent import NO_CONDITIONS, Scope, ScopeKind, Verdict, tombstone_for
from cantoria.consent.facts import StatementMade
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import StatementId
from cantoria.mandates import MandateKind
from cantoria.mandates.facts import DelegationGranted
from cantoria.registry.facts import HoldersDeclaredComplete, PartyKeyRegistered, PartyNamed
from cantoria.testing.book import appended, without
from cantoria.testing.worlds import World, random_world, worlds

Facts = tuple[Recorded[Any], ...]
# How near to cleared a status is: adding a refusal may only go down.
NEARNESS = {Status.DENIED: 0, Status.UNKNOWN: 1, Status.LICENSABLE: 2, Status.CLEARED: 3}


def answers(facts: Facts, request: Request, rows: tuple[Row, ...]) -> list[Answer]:
    rights = Rights.fold(facts, size=request.size)
    return [clearance.decide(row, request, rights=rights) for row in rows]


def opened(before: list[Answer], after: list[Answer]) -> list[int]:
    """Return the positions of rows that became cleared."""
    pairs = enumerate(zip(before, after, strict=True))
    return [n for n, (was, now) in pairs if isinstance(now, Cleared) and not isinstance(was, Cleared)]


def test_worlds_show_every_status_and_every_reason() -> None:
    statuses: Counter[Status] = Counter()
    reasons: Counter[ReasonCode] = Counter()
    for seed in range(150):
        world = random_world(seed)
        for request in world.requests:
            for answer in answers(world.facts, request, world.rows):
                statuses[answer.status] += 1
                if not isinstance(answer, Cleared):
                    reasons.update({reason.code for reason in answer.reasons})
    assert min(statuses[status] for status in Status) >= 100
    assert min(reasons[code] for code in ReasonCode) >= 20


def test_the_same_seed_makes_the_same_world() -> None:
    assert random_world(7) == random_world(7)


@settings(max_examples=80)
@given(world=worlds(), pick=st.integers(0, 999))
def test_adding_a_refusal_never_moves_a_row_towards_cleared(world: World, pick: int) -> None:
    request = replace(world.requests[pick % 3], size=world.facts[-1].index + 2)
    said = [recorded.fact for recorded in world.facts if isinstance(recorded.fact, StatementMade)]
    assume(said)
    model = said[pick % len(said)]
    refusal = replace(
        model,
        statement=StatementId("statement_refusal"),
        verdict=(Verdict.NO, Verdict.STOP)[pick % 2],
        conditions=NO_CONDITIONS,
        scope=(model.scope, Scope(ScopeKind.PRESENT_WORKS), Scope(ScopeKind.PERSONA))[pick % 3],
    )
    more = appended(world.facts, refusal, index=world.facts[-1].index + 1, by="party_cmo", at=request.at)
    before = answers(world.facts, request, world.rows)
    after = answers(more, request, world.rows)
    for was, now in zip(before, after, strict=True):
        assert NEARNESS[now.status] <= NEARNESS[was.status]


def carries_only_plain_yeses(delegation: DelegationGranted, facts: Facts) -> bool:
    """Tell whether nothing but plain yeses rests on a mandate. A mandate under which somebody refuses, or that asks
    for a second yes, is no yes that could get lost: its body cannot be erased."""
    if delegation.kind not in (MandateKind.AGENT, MandateKind.CMO):
        return False
    said = (recorded.fact for recorded in facts if isinstance(recorded.fact, StatementMade))
    return all(
        statement.verdict is Verdict.YES and statement.conditions == NO_CONDITIONS
        for statement in said
        if statement.speaker == delegation.delegate
    )


def may_get_lost(recorded: Recorded[Any], facts: Facts) -> bool:
    """Tell whether a fact is one whose loss must not open a door."""
    fact = recorded.fact
    match fact:
        case HoldersDeclaredComplete() | PartyKeyRegistered() | PartyNamed():
            return True
        case DelegationGranted():
            return carries_only_plain_yeses(fact, facts)
        case _:
            return False


@settings(max_examples=60)
@given(world=worlds())
def test_no_lost_completeness_key_or_mandate_opens_a_door(world: World) -> None:
    request = world.requests[0]
    before = answers(world.facts, request, world.rows)
    for recorded in world.facts:
        if may_get_lost(recorded, world.facts):
            after = answers(without(world.facts, recorded.index), request, world.rows)
            assert opened(before, after) == [], recorded


@settings(max_examples=60)
@given(world=worlds())
def test_no_erased_statement_opens_a_door(world: World) -> None:
    size = world.facts[-1].index + 1
    request = replace(world.requests[0], size=size)
    before = answers(world.facts, request, world.rows)
    standings = Rights.fold(world.facts).standings
    for recorded in world.facts:
        if not isinstance(recorded.fact, StatementMade):
            continue
        left = without(world.facts, recorded.index)
        tombstone = tombstone_for(recorded, standings=standings)
        if tombstone is not None:
            left = appended(left, tombstone, index=size, by="party_operator", at=request.at)
        after = answers(left, replace(request, size=size + 1), world.rows)
        assert opened(before, after) == [], recorded


@settings(max_examples=60)
@given(world=worlds())
def test_no_lost_plain_yes_opens_a_door_even_without_a_tombstone(world: World) -> None:
    request = world.requests[0]
    standings = Rights.fold(world.facts).standings
    before = answers(world.facts, request, world.rows)
    for recorded in world.facts:
        if isinstance(recorded.fact, StatementMade) and tombstone_for(recorded, standings=standings) is None:
            assert recorded.fact.verdict is Verdict.YES
            after = answers(without(world.facts, recorded.index), request, world.rows)
            assert opened(before, after) == [], recorded


@settings(max_examples=60)
@given(world=worlds())
def test_without_any_yes_only_what_needs_nobody_is_cleared(world: World) -> None:
    request = world.requests[0]
    left = tuple(
        recorded
        for recorded in world.facts
        if not (isinstance(recorded.fact, StatementMade) and recorded.fact.verdict is Verdict.YES)
    )
    before = answers(world.facts, request, world.rows)
    for was, now in zip(before, answers(left, request, world.rows), strict=True):
        assert (now == Cleared(())) == (was == Cleared(()))
        assert isinstance(now, Cleared) == (now == Cleared(()))


@settings(max_examples=40)
@given(world=worlds())
def test_a_class_of_countries_is_answered_as_each_of_its_countries(world: World) -> None:
    request = world.requests[0]
    rights = Rights.fold(world.facts, size=request.size)
    named = replace(request, profile="kr")  # one profile for all, so that countries differ by territories alone
    random = Random(world.seed)
    for members in clearance.country_classes(request, rights=rights):
        some = random.sample(members, k=min(2, len(members)))
        results = [
            [clearance.decide(row, replace(named, territories=country), rights=rights) for row in world.rows]
            for country in some
            if country not in ("0724", "0840", "0410")
        ]
        assert all(result == results[0] for result in results)


@settings(max_examples=40)
@given(world=worlds())
def test_more_territory_never_helps(world: World) -> None:
    request = world.requests[0]
    rights = Rights.fold(world.facts, size=request.size)
    wide = replace(request, territories="2136")
    for row in world.rows:
        near = NEARNESS[clearance.decide(row, request, rights=rights).status]
        assert NEARNESS[clearance.decide(row, wide, rights=rights).status] <= near


def test_facts_after_the_size_do_not_count() -> None:
    for seed in range(40):
        world = random_world(seed)
        request = world.requests[0]
        known = tuple(recorded for recorded in world.facts if recorded.index < request.size)
        assert answers(world.facts, request, world.rows) == answers(known, request, world.rows)


def test_an_answer_is_no_truth_value() -> None:
    world = random_world(1)
    answer = answers(world.facts, world.requests[0], world.rows)[0]
    with pytest.raises(TypeError):
        bool(answer)
