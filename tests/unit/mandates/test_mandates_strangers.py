"""What strangers record of somebody's death, guardian and keys only ever adds to whom to ask (RULES section 8)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import DAY, TIME_MIN, Period
from cantoria.kernel.uses import Use
from cantoria.mandates import Mandates, NoAuthority, Speech, Voice, WhyNot, may_say_yes
from cantoria.mandates.facts import EstateOpened, GuardianAppointed
from cantoria.registry import Registry
from cantoria.registry.facts import PartyKeyRegistered, PartyRegistered
from cantoria.registry.types import PartyKind
from cantoria.testing.book import START, Book

ADA, SUE, EVE = PartyId("ada"), PartyId("sue"), PartyId("eve")
LATER = START + 400 * DAY


class Plain:
    trust_cmo = False
    estate_representative = True


@pytest.fixture
def book() -> Book:
    """Ada is registered by her society, which also vouches for her key."""
    book = Book()
    for fact in (
        PartyRegistered(party=ADA, kind=PartyKind.PERSON),
        PartyKeyRegistered(party=ADA, key="key-ada"),
    ):
        book.say(fact, by="society", capacity=Capacity.CMO)
    return book


def fold(book: Book) -> Mandates:
    return Mandates.fold(book.facts, registry=Registry.fold(book.facts))


def estate(*heirs: PartyId, died: int = START, **more: Any) -> EstateOpened:
    return EstateOpened(deceased=ADA, died_at=died, heirs=heirs, heirs_complete=True, **more)


def speech(book: Book, **more: Any) -> Speech:
    given: dict[str, Any] = {
        "party": ADA,
        "speaker": ADA,
        "said_at": START + 2 * DAY,
        "proven_key": "key-ada",
        "organisation": "society",
    }
    return Speech(
        uses=frozenset({Use.TRAIN_GENERATIVE}),
        scope="",
        territory="2136",
        delegation=None,
        index=book.size,
        **given | more,
    )


def speakers(book: Book) -> list[str]:
    return [voice.speaker for voice in fold(book).voices(ADA, at=LATER, profile=Plain())]


@pytest.mark.parametrize(
    ("by", "capacity", "expected"),
    [
        ("society", Capacity.CMO, ["sue"]),
        ("ada", Capacity.PUBLISHER, ["sue"]),
        ("any", Capacity.REGISTRAR, ["sue"]),
        ("any", Capacity.OPERATOR, ["sue"]),
        ("other", Capacity.CMO, ["ada", "sue"]),
        ("any", Capacity.DISTRIBUTOR, ["ada", "sue"]),
    ],
)
def test_who_can_open_an_estate(book: Book, by: str, capacity: Capacity, expected: list[str]) -> None:
    book.say(estate(SUE), by=by, capacity=capacity)
    assert speakers(book) == expected


def test_a_stranger_adds_heirs_and_removes_none(book: Book) -> None:
    book.say(estate(SUE, representative=SUE), by="society", capacity=Capacity.CMO)
    assert speakers(book) == ["sue"]
    book.say(estate(EVE, representative=EVE), by="label", capacity=Capacity.PRODUCER)
    assert speakers(book) == ["ada", "eve", "sue"]
    book.say(estate(SUE, representative=SUE), by="society", capacity=Capacity.CMO)
    assert speakers(book) == ["sue"], "whoever answers for the deceased has the last word"


def test_what_is_recorded_after_a_death_is_known_was_not_said_before_it(book: Book) -> None:
    assert not isinstance(may_say_yes(speech(book), mandates=fold(book)), NoAuthority)
    book.say(estate(SUE, died=START + 3 * DAY), by="society", capacity=Capacity.CMO, at=START + 9 * DAY)
    said = may_say_yes(speech(book), mandates=fold(book))
    assert said == NoAuthority(WhyNot.SAID_AFTER_DEATH)
    earlier = replace(speech(book), index=book.size - 1)
    assert not isinstance(may_say_yes(earlier, mandates=fold(book)), NoAuthority)


def test_a_key_that_has_ended_signs_nothing_in_arrears(book: Book) -> None:
    earlier = speech(book)
    ended = PartyKeyRegistered(party=ADA, key="key-ada", period=Period(TIME_MIN, START + 5 * DAY))
    book.say(ended, by="society", capacity=Capacity.CMO, at=START + 6 * DAY)
    assert not isinstance(may_say_yes(earlier, mandates=fold(book)), NoAuthority)
    assert may_say_yes(speech(book), mandates=fold(book)) == NoAuthority(WhyNot.UNSIGNED)


def test_a_guardian_counts_until_the_earliest_majority_that_anybody_names(book: Book) -> None:
    named = GuardianAppointed(minor=ADA, guardian=SUE, majority_at=LATER)
    book.say(named, by="label", capacity=Capacity.PRODUCER)
    asked = speech(book, speaker=SUE, organisation=SUE, proven_key="")
    assert may_say_yes(asked, mandates=fold(book)) == NoAuthority(WhyNot.STRANGER)
    book.say(named, by="society", capacity=Capacity.CMO)
    asked = replace(asked, index=book.size)
    assert fold(book).guardian_until(ADA, SUE) == LATER
    book.say(replace(named, majority_at=LATER - DAY), by="label", capacity=Capacity.PRODUCER)
    found = may_say_yes(asked, mandates=fold(book))
    assert not isinstance(found, NoAuthority)
    assert [(one.voice, one.period.end, one.yes_counts_as_ask) for one in found] == [
        (Voice(ADA, ADA), LATER - DAY, False),
        (Voice(ADA, ADA), None, True),
    ]


@pytest.mark.parametrize(
    ("home", "by", "capacity", "expected"),
    [
        (Capacity.CMO, "society", Capacity.PUBLISHER, True),
        (Capacity.CMO, "other", Capacity.CMO, False),
        (Capacity.PRODUCER, "other", Capacity.CMO, False),
        (Capacity.PRODUCER, "bob", Capacity.PRODUCER, True),
        (Capacity.REGISTRAR, "other", Capacity.CMO, True),
        (Capacity.REGISTRAR, "other", Capacity.PERFORMERS_ORGANISATION, True),
        (Capacity.REGISTRAR, "other", Capacity.DISTRIBUTOR, False),
        (None, "other", Capacity.CMO, True),
        (None, "other", Capacity.PUBLISHER, False),
    ],
)
def test_who_vouches_for_a_key(home: Capacity | None, by: str, capacity: Capacity, expected: bool) -> None:
    book = Book()
    if home is not None:
        book.say(PartyRegistered(party=PartyId("bob"), kind=PartyKind.PERSON), by="society", capacity=home)
    book.say(PartyKeyRegistered(party=PartyId("bob"), key="k"), by=by, capacity=capacity)
    found = Registry.fold(book.facts).key_in_force("bob", "k", at=book.now, index=book.size)
    assert found is expected


def test_a_second_society_vouches_for_nothing() -> None:
    book = Book()
    book.say(PartyRegistered(party=PartyId("bob"), kind=PartyKind.PERSON))
    book.say(PartyKeyRegistered(party=PartyId("bob"), key="k"), by="one", capacity=Capacity.CMO)
    book.say(PartyKeyRegistered(party=PartyId("bob"), key="forged"), by="two", capacity=Capacity.CMO)
    registry = Registry.fold(book.facts)
    assert registry.key_in_force("bob", "k", at=book.now, index=book.size)
    assert not registry.key_in_force("bob", "forged", at=book.now, index=book.size)
