"""Recorded signals: whose record tightens the answer of everyone, what ends one, and what a signal covers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cantoria.consent import Standings
from cantoria.consent.signal_facts import SignalObserved, SignalRetracted
from cantoria.consent.signal_fold import Refusal, Signals
from cantoria.consent.signals import LATEST, Covers, Found, Said, Stance, Standard
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import ClaimId, PartyId, RecordingId, SignalId, WorkId
from cantoria.kernel.periods import Period, parse_moment
from cantoria.kernel.uses import Use
from cantoria.mandates import Mandates
from cantoria.registry import Registry, Role
from cantoria.registry import facts as registry
from cantoria.registry.types import Tier
from cantoria.testing.book import Book

NOW = parse_moment("2026-11-21")
MINING = frozenset({Use.ANALYSE, Use.TRAIN_NONGENERATIVE, Use.TRAIN_GENERATIVE})
OBSERVED = SignalObserved(
    signal=SignalId("signal_1"),
    things=("recording_1",),
    standard=Standard.TDMREP,
    version="2024-05-10",
    found=Found.FILE,
    place="tdmrep.json",
    said=(Said("mine", Stance.REFUSED),),
    crosswalk=LATEST,
    evidence="00" * 32,
)


@pytest.fixture
def book() -> Book:
    book = Book()
    book.say(registry.RecordingRegistered(recording=RecordingId("recording_1"), title="r"), by="party_distributor",
             capacity=Capacity.DISTRIBUTOR)  # fmt: skip
    book.say(registry.WorkRegistered(work=WorkId("work_1"), title="w"), by="party_house", capacity=Capacity.PUBLISHER)
    claim(book, "party_label", Role.PRODUCER)
    return book


def claim(book: Book, party: str, role: Role, *, tier: Tier = Tier.DOCUMENTED, subject: str = "recording_1") -> str:
    made = ClaimId(f"claim_{book.size}")
    fact = registry.ShareClaimed(claim=made, subject=subject, party=PartyId(party), role=role, tier=tier)
    book.say(fact, by="party_somebody", capacity=Capacity.DISTRIBUTOR)
    return made


def refusals(book: Book, thing: str = "recording_1") -> list[Refusal]:
    known = Registry.fold(book.facts)
    return list(Signals.fold(book.facts).refusals(thing, registry=known))


@pytest.mark.parametrize(
    ("by", "capacity", "tightens"),
    [
        ("party_label", Capacity.PRODUCER, True),  # a holder on record
        ("party_distributor", Capacity.DISTRIBUTOR, True),  # who registered it first
        ("party_other", Capacity.REGISTRAR, True),
        ("party_other", Capacity.OPERATOR, True),
        ("party_other", Capacity.CMO, True),
        ("party_other", Capacity.PERFORMERS_ORGANISATION, True),
        ("party_other", Capacity.PRODUCER, False),
        ("party_other", Capacity.PUBLISHER, False),
        ("party_other", Capacity.DISTRIBUTOR, False),
        ("party_other", Capacity.AI_DEVELOPER, False),
        ("party_other", Capacity.ATTRIBUTOR, False),
    ],
)
def test_whose_record_tightens(book: Book, by: str, capacity: Capacity, tightens: bool) -> None:
    said = book.say(OBSERVED, by=by, capacity=capacity)
    expected = [Refusal("recording_1", MINING, "2136", OBSERVED.period, said.index)] if tightens else []
    assert refusals(book) == expected
    (noted,) = Signals.fold(book.facts).on("recording_1")
    assert (noted.recorded, noted.ends) == (said, None)


def test_a_holder_tightens_while_it_holds(book: Book) -> None:
    book.say(OBSERVED, by="party_star", capacity=Capacity.PRODUCER)
    assert refusals(book) == []
    claim(book, "party_star", Role.FEATURED_PERFORMER, tier=Tier.ASSERTED)
    assert refusals(book) == []
    made = claim(book, "party_star", Role.FEATURED_PERFORMER)
    assert [one.period for one in refusals(book)] == [OBSERVED.period]
    book.say(registry.ClaimWithdrawn(claim=ClaimId(made), at=NOW), by="party_somebody", capacity=Capacity.DISTRIBUTOR)
    assert [one.period for one in refusals(book)] == [Period(end=NOW)]


def test_what_covers_the_recording_alone_refuses_nothing_of_a_work(book: Book) -> None:
    on_work = replace(OBSERVED, things=("work_1",), covers=Covers.RECORDING)
    book.say(on_work)
    assert refusals(book, "work_1") == []
    book.say(replace(on_work, covers=Covers.WORK))
    book.say(replace(on_work, covers=Covers.LOCATION))
    assert [one.uses for one in refusals(book, "work_1")] == [MINING, MINING]


def test_only_who_recorded_it_or_a_register_ends_it(book: Book) -> None:
    said = book.say(OBSERVED, by="party_label", capacity=Capacity.PRODUCER)
    for by, capacity in (("party_other", Capacity.PRODUCER), ("party_other", Capacity.CMO)):
        book.say(SignalRetracted(signal=OBSERVED.signal, at=NOW), by=by, capacity=capacity)
    assert [one.period.end for one in refusals(book)] == [None]
    book.say(SignalRetracted(signal=OBSERVED.signal, at=NOW), by="party_label", capacity=Capacity.PRODUCER)
    assert [one.period.end for one in refusals(book)] == [NOW]
    book.say(SignalRetracted(signal=OBSERVED.signal, at=NOW - 5))
    assert [one.period.end for one in refusals(book)] == [NOW - 5]
    (noted,) = Signals.fold(book.facts).on("recording_1")
    assert (noted.recorded, noted.ends) == (said, NOW - 5)


def test_a_strangers_record_under_the_same_id_ends_nothing(book: Book) -> None:
    book.say(OBSERVED, by="party_label", capacity=Capacity.PRODUCER)
    book.say(replace(OBSERVED, said=()), by="party_other", capacity=Capacity.PRODUCER)
    book.say(SignalRetracted(signal=OBSERVED.signal, at=NOW), by="party_other", capacity=Capacity.PRODUCER)
    assert [(one.index, one.period.end) for one in refusals(book)] == [(3, None)]


def test_a_retraction_recorded_before_ends_nothing(book: Book) -> None:
    book.say(SignalRetracted(signal=OBSERVED.signal, at=NOW))
    book.say(OBSERVED)
    assert [one.period.end for one in refusals(book)] == [None]


def test_a_signal_that_says_nothing_of_our_uses_refuses_nothing(book: Book) -> None:
    book.say(replace(OBSERVED, standard=Standard.AIPREF, said=(Said("search", Stance.REFUSED),)))
    book.say(replace(OBSERVED, said=(Said("mine", Stance.ALLOWED),)))
    assert refusals(book) == []


def test_standings_carry_the_signals_and_their_territories(book: Book) -> None:
    book.say(replace(OBSERVED, territory="0410"))
    known = Registry.fold(book.facts)
    standings = Standings.fold(book.facts, registry=known, mandates=Mandates.fold(book.facts, registry=known))
    assert standings.signals.things() == ("recording_1",)
    assert "0410" in standings.territory_expressions()
    book.say(replace(OBSERVED, territory="nobody can read this"))
    assert Signals.fold(book.facts).territory_expressions() == {"0410"}
    assert {one.territory for one in refusals(book)} == {"0410", "nobody can read this"}
    assert not Standings.fold(book.facts[:3], registry=known, mandates=Mandates.fold((), registry=known)).signals
