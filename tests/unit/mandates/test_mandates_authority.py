"""Who may speak for whom: one test for every reason against it, and the bounds of a mandate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.periods import DAY, Period
from cantoria.kernel.uses import ALL_USES, Use
from cantoria.mandates import (
    LINES,
    Authority,
    MandateKind,
    Mandates,
    NoAuthority,
    Speech,
    Voice,
    WhyNot,
    may_refuse,
    may_say_yes,
)
from cantoria.mandates.delegations import CHAIN_MAX, common_territory
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.registry import Registry
from cantoria.registry.facts import CatalogueDefined, PartyKeyRegistered
from cantoria.testing.book import START, Book

ADA, MAX, SUE, BEN = PartyId("ada"), PartyId("max"), PartyId("sue"), PartyId("ben")
NOW = START + 200 * DAY
TRAIN = frozenset({Use.TRAIN_GENERATIVE})


class AllHeirs:
    trust_cmo = False
    estate_representative = False


class Representative:
    trust_cmo = True
    estate_representative = True


def grant(book: Book, *, key: str = "key-ada", **changes: Any) -> DelegationGranted:
    fields: dict[str, Any] = {
        "delegation": DelegationId("m1"),
        "principal": ADA,
        "delegate": MAX,
        "kind": MandateKind.AGENT,
        "uses": TRAIN,
    }
    fact = DelegationGranted(**{**fields, **changes})
    book.say(fact, by="cmo", key=key)
    return fact


def new_book() -> Book:
    book = Book()
    for party in (ADA, MAX, SUE, BEN):
        book.say(PartyKeyRegistered(party=party, key=f"key-{party}"), by="cmo")
    return book


def mandates_of(book: Book) -> Mandates:
    return Mandates.fold(book.facts, registry=Registry.fold(book.facts))


def speech(book: Book, speaker: PartyId = MAX, **changes: Any) -> Speech:
    said = Speech(
        party=ADA,
        speaker=speaker,
        uses=TRAIN,
        scope="",
        territory="2136",
        delegation=DelegationId("m1"),
        said_at=NOW,
        index=book.size,
        organisation="cmo",
        proven_key=f"key-{speaker}",
    )
    return replace(said, **changes)


def yes(book: Book, said: Speech) -> tuple[Authority, ...]:
    result = may_say_yes(said, mandates=mandates_of(book))
    assert isinstance(result, tuple), result
    return result


def test_every_reason_has_a_line() -> None:
    assert set(LINES) == set(WhyNot)


def test_a_delegate_speaks_in_the_principals_voice() -> None:
    book = new_book()
    grant(book)
    (authority,) = yes(book, speech(book))
    assert authority.voice == Voice(ADA, ADA)
    assert not authority.own
    assert authority.delegation == "m1"


def unsigned(book: Book) -> Speech:
    grant(book)
    return speech(book, proven_key="")


def signed_by_principal(book: Book) -> Speech:
    grant(book)
    return speech(book, proven_key="key-ada")


def stranger(book: Book) -> Speech:
    grant(book)
    return speech(book, SUE, delegation=None)


def none_named(book: Book) -> Speech:
    grant(book)
    return speech(book, delegation=None)


def unknown(book: Book) -> Speech:
    grant(book)
    return speech(book, delegation=DelegationId("m9"))


def of_others(book: Book) -> Speech:
    grant(book)
    grant(book, delegation=DelegationId("m2"), delegate=SUE)
    return speech(book, delegation=DelegationId("m2"))


def strangers_named(book: Book) -> Speech:
    grant(book)
    return speech(book, SUE)


def grant_unsigned(book: Book) -> Speech:
    grant(book, key="")
    return speech(book)


def not_begun(book: Book) -> Speech:
    grant(book, period=Period(NOW + 1))
    return speech(book)


def ended_before(book: Book) -> Speech:
    grant(book)
    book.say(DelegationEnded(delegation=DelegationId("m1"), at=NOW), by="anybody")
    return speech(book)


def no_use(book: Book) -> Speech:
    grant(book, uses=frozenset({Use.VOICE}))
    return speech(book)


def scope_beyond(book: Book) -> Speech:
    grant(book, scope=("take1",))
    return speech(book, scope="take2")


def territory_beyond(book: Book) -> Speech:
    grant(book, territory="0410")
    return speech(book, territory="0724")


def forbidden(book: Book) -> Speech:
    grant(book)
    grant(book, key="key-max", delegation=DelegationId("m2"), delegate=SUE, parent=DelegationId("m1"))
    return speech(book, SUE, delegation=DelegationId("m2"))


def parent_unknown(book: Book) -> Speech:
    grant(book, parent=DelegationId("m0"))
    return speech(book)


def as_minor(book: Book) -> Speech:
    book.say(GuardianAppointed(minor=ADA, guardian=MAX, majority_at=NOW + 1), by="cmo")
    return speech(book, ADA)


def heir_before_death(book: Book) -> Speech:
    book.say(EstateOpened(deceased=ADA, died_at=NOW + 1, heirs=(BEN,), heirs_complete=True), by="cmo")
    return speech(book, BEN)


def after_death(book: Book) -> Speech:
    book.say(EstateOpened(deceased=ADA, died_at=NOW, heirs=(BEN,), heirs_complete=True), by="cmo")
    return speech(book, ADA)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (stranger, WhyNot.STRANGER),
        (unsigned, WhyNot.UNSIGNED),
        (signed_by_principal, WhyNot.UNSIGNED),
        (none_named, WhyNot.NO_MANDATE_NAMED),
        (unknown, WhyNot.MANDATE_UNKNOWN),
        (parent_unknown, WhyNot.MANDATE_UNKNOWN),
        (of_others, WhyNot.MANDATE_OF_OTHERS),
        (strangers_named, WhyNot.MANDATE_OF_OTHERS),
        (grant_unsigned, WhyNot.MANDATE_UNSIGNED),
        (not_begun, WhyNot.MANDATE_NOT_IN_FORCE),
        (ended_before, WhyNot.MANDATE_NOT_IN_FORCE),
        (no_use, WhyNot.USES_NOT_NAMED),
        (scope_beyond, WhyNot.SCOPE_BEYOND_MANDATE),
        (territory_beyond, WhyNot.TERRITORY_BEYOND_MANDATE),
        (forbidden, WhyNot.SUBDELEGATION_FORBIDDEN),
        (as_minor, WhyNot.SAID_AS_MINOR),
        (heir_before_death, WhyNot.SAID_BEFORE_DEATH),
        (after_death, WhyNot.SAID_AFTER_DEATH),
    ],
)
def test_no_yes(case: Any, reason: WhyNot) -> None:
    book = new_book()
    assert may_say_yes(case(book), mandates=mandates_of(book)) == NoAuthority(reason)


@pytest.mark.parametrize("case", [unsigned, none_named, unknown, grant_unsigned, no_use, scope_beyond, forbidden])
def test_a_refusal_under_any_mandate_is_heard(case: Any) -> None:
    book = new_book()
    heard = may_refuse(case(book), mandates=mandates_of(book))
    assert isinstance(heard, tuple)
    assert all(authority.voice == Voice(ADA, ADA) and not authority.own for authority in heard)


@pytest.mark.parametrize("case", [stranger, strangers_named])
def test_a_strangers_refusal_is_not_heard(case: Any) -> None:
    book = new_book()
    assert may_refuse(case(book), mandates=mandates_of(book)) == NoAuthority(WhyNot.STRANGER)


def test_a_mandate_for_a_catalogue_reaches_its_members_on_record() -> None:
    book = new_book()
    catalogue = CatalogueDefined(catalogue="songbook", owner=ADA, members=("take1",))  # type: ignore[arg-type]
    book.say(catalogue, by="cmo", capacity=Capacity.CMO)
    grant(book, scope=("songbook",))
    assert yes(book, speech(book, scope="take1"))
    later = speech(book, scope="take2")
    assert may_say_yes(later, mandates=mandates_of(book)) == NoAuthority(WhyNot.SCOPE_BEYOND_MANDATE)


def test_a_mandate_for_a_thing_does_not_reach_the_whole_person() -> None:
    book = new_book()
    grant(book, scope=("take1",))
    assert may_say_yes(speech(book), mandates=mandates_of(book)) == NoAuthority(WhyNot.SCOPE_BEYOND_MANDATE)


def test_a_chain_carries_what_all_of_it_allows() -> None:
    book = new_book()
    end = NOW + 10 * DAY
    grant(book, may_subdelegate=True, uses=ALL_USES, territory="2136 -0840", period=Period(end=end))
    grant(
        book,
        key="key-max",
        delegation=DelegationId("m2"),
        delegate=SUE,
        parent=DelegationId("m1"),
        uses=frozenset({Use.INPUT, *TRAIN}),
        territory="0840 0410",
    )
    (authority,) = yes(book, speech(book, SUE, delegation=DelegationId("m2"), uses=ALL_USES))
    assert authority.uses == frozenset({Use.INPUT, *TRAIN})
    assert authority.territory == "0410"
    assert authority.period == Period(end=end)


def test_a_circle_of_mandates_carries_nothing() -> None:
    book = new_book()
    for n in range(CHAIN_MAX + 1):
        parent = DelegationId(f"m{n - 1}") if n else None
        grant(book, delegation=DelegationId(f"m{n}"), parent=parent, may_subdelegate=True)
    last = speech(book, delegation=DelegationId(f"m{CHAIN_MAX}"))
    assert may_say_yes(last, mandates=mandates_of(book)) == NoAuthority(WhyNot.SUBDELEGATION_FORBIDDEN)
    assert yes(book, replace(last, delegation=DelegationId(f"m{CHAIN_MAX - 1}")))


def test_a_guardians_yes_is_split_at_majority() -> None:
    book = new_book()
    book.say(GuardianAppointed(minor=ADA, guardian=MAX, majority_at=NOW + DAY), by="cmo")
    before, after = yes(book, speech(book, delegation=None))
    assert (before.period.end, before.yes_counts_as_ask) == (NOW + DAY, False)
    assert (after.period.start, after.yes_counts_as_ask) == (NOW + DAY, True)


def test_a_guardian_speaks_for_an_heir_who_is_a_minor() -> None:
    book = new_book()
    book.say(EstateOpened(deceased=ADA, died_at=START, heirs=(BEN,), heirs_complete=True), by="cmo")
    book.say(GuardianAppointed(minor=BEN, guardian=SUE, majority_at=NOW + DAY), by="cmo")
    before, _ = yes(book, speech(book, SUE, delegation=None))
    assert before.voice == Voice(ADA, BEN)
    assert before.period == Period(START, NOW + DAY)


def test_voices_of_an_estate() -> None:
    book = new_book()
    died_at = START + DAY
    estate = EstateOpened(deceased=ADA, died_at=died_at, heirs=(SUE, BEN), heirs_complete=True, representative=MAX)
    book.say(estate, by="cmo")
    mandates = mandates_of(book)
    assert mandates.voices(ADA, at=died_at - 1, profile=AllHeirs()) == (Voice(ADA, ADA),)
    assert mandates.voices(ADA, at=died_at, profile=AllHeirs()) == (Voice(ADA, BEN), Voice(ADA, SUE))
    assert mandates.voices(ADA, at=died_at, profile=Representative()) == (Voice(ADA, MAX),)
    book.say(replace(estate, heirs=(BEN,), heirs_complete=False), by="cmo")
    assert mandates_of(book).voices(ADA, at=died_at, profile=AllHeirs()) == (Voice(ADA, ADA), Voice(ADA, BEN))


def test_voices_of_a_cosigner_and_a_trustee() -> None:
    book = new_book()
    grant(book, delegation=DelegationId("co"), delegate=SUE, kind=MandateKind.COSIGNER, period=Period(end=NOW))
    grant(book, delegation=DelegationId("tr"), delegate=PartyId("cmo"), kind=MandateKind.TRUST, key="")
    mandates = mandates_of(book)
    asked = mandates.voices(ADA, at=NOW - 1, profile=AllHeirs(), use=Use.TRAIN_GENERATIVE)
    assert asked == (Voice(ADA, ADA), Voice(ADA, SUE))
    assert mandates.voices(ADA, at=NOW - 1, profile=AllHeirs(), use=Use.VOICE) == (Voice(ADA, ADA),)
    assert mandates.voices(ADA, at=NOW, profile=Representative()) == (Voice(ADA, ADA), Voice(ADA, "cmo"))
    assert [str(voice) for voice in asked] == ["ada", "ada via sue"]


def test_only_those_concerned_end_a_refusal_under_a_mandate() -> None:
    for by, key, end in (("anybody", "", None), ("anybody", "key-ada", NOW), ("max", "", NOW), ("cmo", "", NOW)):
        book = new_book()
        grant(book)
        book.say(DelegationEnded(delegation=DelegationId("m1"), at=NOW), by=by, key=key)
        heard = may_refuse(speech(book), mandates=mandates_of(book))
        assert isinstance(heard, tuple)
        assert [authority.period.end for authority in heard] == [end]


@pytest.mark.parametrize(
    ("first", "second", "common"),
    [
        ("0410", "2136", "0410"),
        ("2136", "0410", "0410"),
        ("2136 -0840", "2136 -0840", "2136 -0840"),
        ("0410 0724", "0724 0840", "0724"),
        ("0410", "0840", None),
        ("0410", "nowhere", None),
    ],
)
def test_common_territory(first: str, second: str, common: str | None) -> None:
    assert common_territory(first, second, at=NOW) == common
