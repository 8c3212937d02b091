"""Blanket deals: what they touch, who says so, who contests and ends them, and that they never clear anything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cantoria.clearance import Cleared, Rights, decide
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import LicenseeKind, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.periods import DAY, Period
from cantoria.kernel.uses import ALL_USES, Use
from cantoria.licensing import LINES, Deals, DealState, WhyNot, explain
from cantoria.licensing.deals import other_roles
from cantoria.licensing.facts import BlanketDealRegistered, DealContested, DealEnded
from cantoria.registry import PartyKind, Registry, Relation, Role
from cantoria.registry.facts import (
    CatalogueDefined,
    LinkAsserted,
    PartyKeyRegistered,
    PartyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    ShareClaimed,
    WorkRegistered,
)
from cantoria.testing.book import Book
from cantoria.testing.worlds import World, worlds

R, P = ScopeKind.RECORDING, ScopeKind.PRESENT_WORKS


def stage() -> Book:
    """label produced rec and two, rival produced other; rec is on album and in a catalogue; bo wrote song, on rec."""
    book = Book()
    book.say(PartyRegistered(party="label", kind=PartyKind.ORGANISATION))
    book.say(WorkRegistered(work="song", title="Song"))
    for recording, producer in (("rec", "label"), ("two", "label"), ("other", "rival")):
        book.say(RecordingRegistered(recording=recording, title=recording))
        book.say(ShareClaimed(claim=f"c_{recording}", subject=recording, party=producer, role=Role.PRODUCER))
    book.say(LinkAsserted(link="l", left="rec", relation=Relation.EMBODIES, right="song", asserted_by="x"))
    book.say(ShareClaimed(claim="c_song", subject="song", party="bo", role=Role.COMPOSER))
    book.say(ReleaseRegistered(release="album", title="Album", recordings=("rec",)))
    book.say(CatalogueDefined(catalogue="cat", owner="label", members=("two",)))
    return book


def deal(*scopes: Scope, **more: Any) -> BlanketDealRegistered:
    fields: dict[str, Any] = {
        "deal": "deal_1",
        "label": "label",
        "licensee": "dev",
        "uses": frozenset({Use.TRAIN_GENERATIVE}),
        "scopes": scopes or (Scope(P),),
        "evidence": "trade press",
        "asserted_by": "press",
        **more,
    }
    return BlanketDealRegistered(**fields)


def deals(book: Book) -> Deals:
    return Deals.fold(book.facts, registry=Registry.fold(book.facts))


@pytest.mark.parametrize(
    ("scope", "touched"),
    [
        (Scope(R, "rec"), ["rec"]),
        (Scope(ScopeKind.RELEASE, "album"), ["rec"]),
        (Scope(ScopeKind.CATALOGUE, "cat"), ["two"]),
        (Scope(P), ["rec", "two"]),
    ],
)
def test_licensing_a_deal_touches_what_its_scopes_name(scope: Scope, touched: list[str]) -> None:
    book = stage()
    book.say(deal(scope))
    found = deals(book)
    assert [name for name in ("rec", "two", "other", "nothing") if found.touching(name)] == touched


def test_licensing_present_recordings_are_those_of_then() -> None:
    book = stage()
    book.say(deal())
    book.say(RecordingRegistered(recording="new", title="new"))
    book.say(ShareClaimed(claim="c_new", subject="new", party="label", role=Role.PRODUCER))
    assert deals(book).touching("new") == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"uses": frozenset()}, WhyNot.NO_USE),
        ({"scopes": (Scope(ScopeKind.WORK, "song"),)}, WhyNot.SCOPE),
        ({"scopes": (Scope(ScopeKind.FUTURE_WORKS),)}, WhyNot.SCOPE),
        ({"scopes": (Scope(R),)}, WhyNot.SCOPE),
        ({"territory": "nowhere"}, WhyNot.TERRITORY),
    ],
)
def test_licensing_a_deal_that_says_nothing_is_kept_without_effect(change: dict[str, Any], why: WhyNot) -> None:
    book = stage()
    book.say(deal(**change))
    found = deals(book)
    assert list(found.all()) == []
    assert [reason for _, reason in found.without_effect()] == [why]
    assert LINES[why]


def test_licensing_the_labels_word_is_the_labels() -> None:
    book = stage()
    book.say(deal(by_label=True), by="press", capacity=Capacity.PUBLISHER)
    book.say(deal(by_label=True), by="label", capacity=Capacity.PRODUCER)
    book.say(deal(), by="label", capacity=Capacity.PRODUCER)
    assert [one.own_word for one in deals(book).all()] == [False, False]
    book.say(deal(by_label=True, deal="deal_2"), by="label", capacity=Capacity.PRODUCER)
    book.say(PartyKeyRegistered(party="label", key="aa"))
    book.say(deal(by_label=True, deal="deal_3"), by="house", capacity=Capacity.CMO, key="aa")
    own = {one.fact.deal: one.own_word for one in deals(book).all()}
    assert (own["deal_2"], own["deal_3"]) == (True, True)


def test_licensing_one_id_of_two_organisations_is_two_deals() -> None:
    book = stage()
    book.say(deal(Scope(R, "rec")), by="press", capacity=Capacity.PUBLISHER)
    book.say(deal(Scope(R, "two")), by="other", capacity=Capacity.PUBLISHER)
    book.say(deal(Scope(R, "other")), by="press", capacity=Capacity.PUBLISHER)
    assert [one.fact.scopes[0].id for one in deals(book).of("deal_1")] == ["two", "other"]


@pytest.mark.parametrize(
    ("by", "organisation", "concerned"),
    [("bo", "bo", True), ("bo", "stranger", False), ("dev", "dev", True), ("rival", "rival", False)],
)
def test_licensing_a_contest_is_shown_with_who_said_it(by: str, organisation: str, concerned: bool) -> None:
    book = stage()
    book.say(deal(Scope(R, "rec")))
    book.say(
        DealContested(deal="deal_1", contested_by=by, reason="not without us"),
        by=organisation,
        capacity=Capacity.PUBLISHER,
    )
    (found,) = deals(book).touching("rec")
    assert [one.concerned for one in found.contests] == [concerned]
    line = explain(found, at=book.now)
    assert "not without us" in line
    assert ("not known to be concerned" in line) != concerned
    assert line.endswith("every other holder still has to say theirs")


@pytest.mark.parametrize(
    ("by", "organisation", "capacity", "ends"),
    [
        ("label", "label", Capacity.PRODUCER, True),
        ("dev", "dev", Capacity.AI_DEVELOPER, True),
        ("press", "press", Capacity.PUBLISHER, True),
        ("office", "office", Capacity.REGISTRAR, True),
        ("label", "stranger", Capacity.PUBLISHER, False),
        ("stranger", "stranger", Capacity.PUBLISHER, False),
    ],
)
def test_licensing_who_may_end_a_deal(by: str, organisation: str, capacity: Capacity, ends: bool) -> None:
    book = stage()
    book.say(deal(), by="press", capacity=Capacity.PUBLISHER)
    at = book.now
    book.say(DealEnded(deal="deal_1", at=at + DAY, ended_by=by), by=organisation, capacity=capacity)
    (found,) = deals(book).all()
    assert (found.state(at), found.state(at + DAY)) == (
        DealState.IN_FORCE,
        DealState.ENDED if ends else DealState.IN_FORCE,
    )
    assert [why for _, why in deals(book).without_effect()] == ([] if ends else [WhyNot.NOT_THEIRS_TO_END])


def test_licensing_a_deal_has_a_period() -> None:
    book = stage()
    book.say(deal(period=Period(10, 20)))
    (found,) = deals(book).all()
    assert [found.state(at) for at in (9, 10, 19, 20)] == [
        DealState.NOT_YET,
        DealState.IN_FORCE,
        DealState.IN_FORCE,
        DealState.ENDED,
    ]
    assert "not before" in explain(found, at=9)


def test_licensing_other_roles_of_the_label_are_found() -> None:
    book = stage()
    scopes = (Scope(R, "rec"), Scope(ScopeKind.RELEASE, "album"), Scope(ScopeKind.CATALOGUE, "cat"), Scope(P))
    registry = Registry.fold(book.facts)
    assert [other_roles(registry, "label", [scope]) for scope in scopes] == [()] * 4
    book.say(ShareClaimed(claim="c_pub", subject="song", party="label", role=Role.PUBLISHER))
    registry = Registry.fold(book.facts)
    assert [other_roles(registry, "label", [scope]) for scope in scopes] == [("song",), ("song",), (), ("song",)]


def with_more(world: World, *facts: Any, by: str) -> tuple[Recorded[Any], ...]:
    start = world.facts[-1].index + 1
    at = world.facts[-1].claimed_at
    more = [Recorded(start + n, f"more_{n}", by, Capacity.PRODUCER, at, fact) for n, fact in enumerate(facts)]
    return (*world.facts, *more)


def world_deal(world: World, **more: Any) -> BlanketDealRegistered:
    request = world.requests[0]
    return deal(label="party_label", licensee=request.licensee, uses=ALL_USES, **more)


@settings(deadline=None, max_examples=60)
@given(world=worlds())
def test_licensing_a_report_of_a_deal_changes_no_answer(world: World) -> None:
    reported = with_more(world, world_deal(world), by="party_stranger")
    claimed = with_more(world, world_deal(world, by_label=True), by="party_label")
    for asked in world.requests:
        request = replace(asked, size=world.facts[-1].index + 2)
        before = Rights.fold(world.facts, size=request.size)
        for facts in (reported, claimed):
            after = Rights.fold(facts, size=request.size)
            for row in world.rows:
                assert decide(row, request, rights=after) == decide(row, request, rights=before)


@settings(deadline=None, max_examples=150)
@given(world=worlds(), kind=st.sampled_from([P, R]), pick=st.integers(0, 99))
def test_licensing_the_labels_yes_clears_only_where_everybody_else_says_yes(
    world: World, kind: ScopeKind, pick: int
) -> None:
    request = replace(world.requests[pick % 3], size=world.facts[-1].index + 3)
    named = [said.fact.recording for said in world.facts if isinstance(said.fact, RecordingRegistered)]
    assume(named)
    scope = Scope(kind, named[pick % len(named)] if kind is R else "")
    yes = StatementMade(
        statement="statement_deal",
        party="party_label",
        speaker="party_label",
        verdict=Verdict.YES,
        uses=ALL_USES,
        scope=scope,
        licensee=LicenseeTerm(LicenseeKind.NAMED, request.licensee),
    )
    facts = with_more(world, world_deal(world, scopes=(scope,), by_label=True), yes, by="party_label")
    before, after = Rights.fold(world.facts, size=request.size), Rights.fold(facts, size=request.size)
    for row in world.rows:
        was, now = decide(row, request, rights=before), decide(row, request, rights=after)
        if isinstance(now, Cleared) and not isinstance(was, Cleared):
            assert {voice.split(" via ")[0] for voice in was.missing} == {"party_label"}
        if not isinstance(was, Cleared) and not isinstance(now, Cleared):
            others = {voice for voice in was.missing if not voice.startswith("party_label")}
            assert {voice for voice in now.missing if not voice.startswith("party_label")} == others
