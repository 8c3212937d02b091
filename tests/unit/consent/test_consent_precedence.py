"""The order of precedence step by step, what a scope reaches, and what an erased statement leaves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from cantoria.consent import (
    ANYONE,
    NO_CONDITIONS,
    Conditions,
    Effective,
    LicenseeKind,
    LicenseeTerm,
    NoEffectReason,
    Scope,
    ScopeKind,
    Standings,
    Target,
    TargetKind,
    Verdict,
    line_of,
    precedence,
    reaches,
    tombstone_for,
)
from cantoria.consent.facts import DenyTombstone, StatementMade, StatementWithdrawn
from cantoria.kernel.ids import DelegationId, PartyId, StatementId
from cantoria.kernel.periods import ALWAYS, DAY, Period, parse_moment
from cantoria.kernel.uses import ALL_USES, Use
from cantoria.mandates import MandateKind, Mandates, Voice, WhyNot
from cantoria.mandates.facts import DelegationGranted
from cantoria.registry import Registry
from cantoria.registry.facts import (
    CatalogueDefined,
    PartyKeyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    WorkRegistered,
)
from cantoria.testing.book import START, Book

NOW = parse_moment("2026-01-01")
ADA = PartyId("ada")
RECORDING = Target(TargetKind.RECORDING, "take1", "take1", ("song",))
WORK = Target(TargetKind.WORK, "song", "take1", ("song",))
LYRICS = Target(TargetKind.WORK, "song")
PERSON = Target(TargetKind.PERSONA, "ada")

PLAIN = Effective(
    statement=StatementId("s"),
    voice=Voice(ADA, ADA),
    verdict=Verdict.YES,
    uses=ALL_USES,
    scope=Scope(ScopeKind.PRESENT_WORKS),
    licensee=ANYONE,
    territory="2136",
    period=ALWAYS,
    own=True,
    delegation=None,
    index=100,
)
NAMED, CLASS = LicenseeTerm(LicenseeKind.NAMED, "dev"), LicenseeTerm(LicenseeKind.CLASS, "research")
# From the strongest to the weakest; each pair differs in the step it is named after.
ORDER: list[tuple[str, Effective]] = [
    ("stop", replace(PLAIN, verdict=Verdict.STOP, own=False, scope=Scope(ScopeKind.FUTURE_WORKS), index=1)),
    ("own", replace(PLAIN, scope=Scope(ScopeKind.FUTURE_WORKS), index=1)),
    ("persona", replace(PLAIN, own=False, scope=Scope(ScopeKind.PERSONA), index=1)),
    ("recording", replace(PLAIN, own=False, scope=Scope(ScopeKind.RECORDING, "take1"), index=1)),
    ("work", replace(PLAIN, own=False, scope=Scope(ScopeKind.WORK, "song"), index=1)),
    ("release", replace(PLAIN, own=False, scope=Scope(ScopeKind.RELEASE, "album"), index=1)),
    ("catalogue", replace(PLAIN, own=False, scope=Scope(ScopeKind.CATALOGUE, "book"), index=1)),
    ("named", replace(PLAIN, own=False, licensee=NAMED, index=1)),
    ("class", replace(PLAIN, own=False, licensee=CLASS, index=1)),
    ("country", replace(PLAIN, own=False, territory="0410", index=1)),
    ("fewer countries", replace(PLAIN, own=False, territory="2136 -0840", index=1)),
    ("no", replace(PLAIN, own=False, verdict=Verdict.NO, index=1)),
    ("ask", replace(PLAIN, own=False, verdict=Verdict.ASK, index=1)),
    ("this very model", replace(PLAIN, own=False, conditions=Conditions(model_version="m1"), index=1)),
    ("later", replace(PLAIN, own=False, conditions=Conditions(model_version="m2"), index=2)),
    ("earlier", replace(PLAIN, own=False, index=1)),
    ("future works", replace(PLAIN, own=False, scope=Scope(ScopeKind.FUTURE_WORKS), licensee=NAMED, index=9)),
]


@pytest.mark.parametrize(("stronger", "weaker"), list(pairwise(ORDER)), ids=lambda item: item[0])
def test_step(stronger: tuple[str, Effective], weaker: tuple[str, Effective]) -> None:
    ranks = [precedence(said, at=NOW, model_version="m1") for _, said in (stronger, weaker)]
    assert ranks[0] < ranks[1]


def test_the_model_version_ranks_only_a_yes_and_only_when_asked_for() -> None:
    named, plain = replace(PLAIN, conditions=Conditions(model_version="m1")), replace(PLAIN, index=101)

    def first(version: str | None, *said: Effective) -> Effective:
        return min(said, key=lambda one: precedence(one, at=NOW, model_version=version))

    assert first("m1", named, plain) == named
    assert first("m2", named, plain) == plain
    assert first(None, named, plain) == plain
    assert first(None, PLAIN, replace(plain, conditions=Conditions(model_version="m1"))).index == plain.index
    asks = replace(named, verdict=Verdict.ASK)
    assert first("m1", asks, replace(plain, verdict=Verdict.ASK)).index == plain.index


def registry() -> Registry:
    """Index 0: the work; 1: the recording; 2: its release; 3 and 5: a catalogue with the work, then the recording."""
    book = Book()
    book.say(WorkRegistered(work="song", title="song"))  # type: ignore[arg-type]
    book.say(RecordingRegistered(recording="take1", title="take1"))  # type: ignore[arg-type]
    book.say(ReleaseRegistered(release="album", title="album", recordings=("take1",)))  # type: ignore[arg-type]
    book.say(CatalogueDefined(catalogue="book", owner=ADA, members=("song",)))  # type: ignore[arg-type]
    book.say(PartyKeyRegistered(party=ADA, key="k"))
    book.say(CatalogueDefined(catalogue="book", owner=ADA, members=("take1",)))  # type: ignore[arg-type]
    return Registry.fold(book.facts)


BOTH, REFUSAL, NEVER = "both", "refusal", "never"


@pytest.mark.parametrize(
    ("scope", "target", "index", "reached"),
    [
        (Scope(ScopeKind.PERSONA), PERSON, 9, BOTH),
        (Scope(ScopeKind.PERSONA), RECORDING, 9, NEVER),
        (Scope(ScopeKind.PERSONA), WORK, 9, NEVER),
        (Scope(ScopeKind.PRESENT_WORKS), PERSON, 9, BOTH),
        (Scope(ScopeKind.FUTURE_WORKS), PERSON, 0, NEVER),
        (Scope(ScopeKind.RECORDING, "take1"), PERSON, 9, NEVER),
        (Scope(ScopeKind.RECORDING, "take1"), RECORDING, 9, BOTH),
        (Scope(ScopeKind.RECORDING, "take1"), WORK, 9, BOTH),
        (Scope(ScopeKind.RECORDING, "take1"), LYRICS, 9, NEVER),
        (Scope(ScopeKind.RECORDING, ""), LYRICS, 9, NEVER),
        (Scope(ScopeKind.RECORDING, "take2"), RECORDING, 9, NEVER),
        (Scope(ScopeKind.WORK, "song"), WORK, 9, BOTH),
        (Scope(ScopeKind.WORK, "song"), LYRICS, 9, BOTH),
        (Scope(ScopeKind.WORK, "song"), RECORDING, 9, REFUSAL),
        (Scope(ScopeKind.WORK, "song2"), RECORDING, 9, NEVER),
        (Scope(ScopeKind.RELEASE, "album"), RECORDING, 9, BOTH),
        (Scope(ScopeKind.RELEASE, "album"), WORK, 9, REFUSAL),
        (Scope(ScopeKind.RELEASE, "album"), LYRICS, 9, NEVER),
        (Scope(ScopeKind.CATALOGUE, "book"), WORK, 9, BOTH),
        (Scope(ScopeKind.CATALOGUE, "book"), RECORDING, 9, BOTH),
        (Scope(ScopeKind.CATALOGUE, "book"), RECORDING, 4, REFUSAL),
        (Scope(ScopeKind.CATALOGUE, "other"), WORK, 9, NEVER),
        (Scope(ScopeKind.PRESENT_WORKS), RECORDING, 2, BOTH),
        (Scope(ScopeKind.PRESENT_WORKS), RECORDING, 1, NEVER),
        (Scope(ScopeKind.FUTURE_WORKS), RECORDING, 1, BOTH),
        (Scope(ScopeKind.FUTURE_WORKS), RECORDING, 2, NEVER),
    ],
)
def test_reach(scope: Scope, target: Target, index: int, reached: str) -> None:
    said = replace(PLAIN, scope=scope, index=index)
    known = registry()
    assert reaches(said, target, registry=known) == (reached == BOTH)
    for verdict in (Verdict.STOP, Verdict.NO, Verdict.ASK):
        assert reaches(replace(said, verdict=verdict), target, registry=known) == (reached != NEVER)


def made(**changes: Any) -> StatementMade:
    fields: dict[str, Any] = {
        "statement": StatementId("s1"),
        "party": ADA,
        "speaker": ADA,
        "verdict": Verdict.YES,
        "uses": frozenset({Use.ANALYSE}),
        "scope": Scope(ScopeKind.PRESENT_WORKS),
    }
    return StatementMade(**{**fields, **changes})


def new_book() -> Book:
    book = Book()
    book.say(PartyKeyRegistered(party=ADA, key="key"), by="cmo")
    return book


def standings_of(book: Book) -> Standings:
    known = Registry.fold(book.facts)
    return Standings.fold(book.facts, registry=known, mandates=Mandates.fold(book.facts, registry=known))


def test_every_reason_has_a_line() -> None:
    for reason in (*WhyNot, *NoEffectReason):
        assert line_of(reason)


@pytest.mark.parametrize(
    ("fact", "key", "reason"),
    [
        (made(), "", WhyNot.UNSIGNED),
        (made(uses=frozenset()), "key", NoEffectReason.NAMES_NO_USE),
        (made(uses=frozenset(), verdict=Verdict.ASK), "key", NoEffectReason.NAMES_NO_USE),
        (made(territory="nowhere"), "key", NoEffectReason.TERRITORY_UNREADABLE),
        (made(speaker=PartyId("max")), "key", WhyNot.STRANGER),
        (made(speaker=PartyId("max"), verdict=Verdict.STOP), "", WhyNot.STRANGER),
    ],
)
def test_no_effect(fact: StatementMade, key: str, reason: str) -> None:
    book = new_book()
    book.say(fact, by="cmo", key=key)
    standings = standings_of(book)
    assert standings.effective == ()
    assert [(said.statement, said.party, said.reason) for said in standings.without_effect] == [("s1", ADA, reason)]


def test_a_statement_withdrawn_before_it_begins_was_never_in_force() -> None:
    book = new_book()
    book.say(made(period=Period(START + 50 * DAY)), by="cmo", key="key")
    book.say(StatementWithdrawn(statement=StatementId("s1"), at=START + 40 * DAY), by="cmo")
    assert [said.reason for said in standings_of(book).without_effect] == [NoEffectReason.NEVER_IN_FORCE]


def test_a_refusal_that_nobody_can_read_speaks_of_all() -> None:
    book = new_book()
    book.say(made(verdict=Verdict.NO, uses=frozenset(), territory="nowhere"), by="anybody")
    (said,) = standings_of(book).effective
    assert said.uses == ALL_USES
    assert said.territory == "2136"


def test_an_id_on_a_person_wide_scope_does_not_fit_a_narrow_mandate() -> None:
    """A yes for all present works that also carries an id speaks of all of them, so the mandate does not carry it."""
    for scope, carried in (
        (Scope(ScopeKind.RECORDING, "take1"), True),
        (Scope(ScopeKind.PRESENT_WORKS, "take1"), False),
    ):
        book = new_book()
        mandate = DelegationGranted(
            delegation=DelegationId("m1"),
            principal=ADA,
            delegate=PartyId("max"),
            kind=MandateKind.AGENT,
            uses=ALL_USES,
            scope=("take1",),
        )
        book.say(mandate, by="cmo", key="key")
        book.say(made(speaker=PartyId("max"), scope=scope, delegation=DelegationId("m1")), by="max")
        standings = standings_of(book)
        assert bool(standings.effective) == carried
        assert [said.reason for said in standings.without_effect] == ([] if carried else [WhyNot.SCOPE_BEYOND_MANDATE])


@pytest.mark.parametrize(
    ("fact", "left"),
    [
        (made(), None),
        (made(conditions=Conditions(label=True)), Verdict.ASK),
        (made(verdict=Verdict.ASK), Verdict.ASK),
        (made(verdict=Verdict.NO), Verdict.NO),
        (made(verdict=Verdict.STOP, uses=frozenset()), Verdict.STOP),
    ],
)
def test_tombstone(fact: StatementMade, left: Verdict | None) -> None:
    book = new_book()
    said = book.say(fact, by="cmo", key="key")
    tombstone = tombstone_for(said, standings=standings_of(book))
    if left is None:
        assert tombstone is None
        return
    assert isinstance(tombstone, DenyTombstone)
    assert (tombstone.verdict, tombstone.said_index) == (left, said.index)
    after = new_book()
    after.size = said.index + 1
    after.say(tombstone, by="operator")
    (kept,) = standings_of(after).effective
    (was,) = standings_of(book).effective
    assert kept == replace(was, verdict=left, conditions=NO_CONDITIONS)
