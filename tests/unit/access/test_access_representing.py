"""For whom a party may speak: by the ledger alone, and no longer than that says."""

from __future__ import annotations

from typing import Any

import pytest

from cantoria.app.access.representing import Representations, represented
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.periods import DAY, TIME_MAX, Period
from cantoria.kernel.uses import Use
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened, GuardianAppointed
from cantoria.mandates.types import MandateKind
from cantoria.registry.facts import PartyKeyRegistered
from cantoria.testing.book import START, Book

ADA, MAX, SUE, BEN = (PartyId(f"party_{name}") for name in ("ada", "max", "sue", "ben"))
NOW = START + 200 * DAY


class Shelf:
    """An index over a book; counts how often it is asked."""

    def __init__(self, book: Book) -> None:
        self.book, self.asked = book, 0

    def about(self, subjects: Any, *, tags: Any = None, size: int | None = None) -> list[Any]:
        self.asked += 1
        wanted, kinds = set(subjects), set(tags)
        return [
            one
            for one in self.book.facts
            if one.fact.TYPE.tag in kinds and wanted & set(one.fact.subjects()) and one.index < (size or TIME_MAX)
        ]

    def mark(self, *, tags: Any, size: int) -> tuple[int, int, int]:
        kinds = set(tags)
        found = [one.index for one in self.book.facts if one.fact.TYPE.tag in kinds and one.index < size]
        return len(found), max(found, default=-1), 0


def new_book() -> Book:
    book = Book()
    for party in (ADA, MAX, SUE, BEN):
        book.say(PartyKeyRegistered(party=party, key=f"key-{party}"), by="cmo")
    return book


def grant(book: Book, *, key: str = f"key-{ADA}", at: int | None = None, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "delegation": DelegationId("delegation_1"),
        "principal": ADA,
        "delegate": MAX,
        "kind": MandateKind.AGENT,
        "uses": frozenset({Use.TRAIN_GENERATIVE}),
    }
    book.say(DelegationGranted(**{**fields, **changes}), by="cmo", key=key, at=at)


def speaks(book: Book, party: str = MAX, *, at: int = NOW) -> tuple[str, ...]:
    return represented(Shelf(book), party, at=at, size=book.size).persons  # type: ignore[arg-type]


def test_nobody_speaks_for_others_by_themselves() -> None:
    assert speaks(new_book()) == ()


@pytest.mark.parametrize("kind", [MandateKind.AGENT, MandateKind.CMO])
def test_a_signed_delegation_lets_its_delegate_speak(kind: MandateKind) -> None:
    book = new_book()
    grant(book, kind=kind)
    assert speaks(book) == (ADA,)
    assert speaks(book, ADA) == speaks(book, SUE) == ()


@pytest.mark.parametrize("kind", [MandateKind.COSIGNER, MandateKind.TRUST])
def test_who_must_be_asked_too_does_not_speak(kind: MandateKind) -> None:
    book = new_book()
    grant(book, kind=kind)
    assert speaks(book) == ()


@pytest.mark.parametrize("key", ["", f"key-{MAX}", f"key-{SUE}", "key-of-nobody"])
def test_a_delegation_that_its_principal_did_not_sign_is_none(key: str) -> None:
    book = new_book()
    grant(book, key=key)
    assert speaks(book) == ()


def test_a_delegation_holds_within_its_period_and_until_its_end() -> None:
    book = new_book()
    grant(book, period=Period(NOW, NOW + DAY))
    shelf = Shelf(book)
    for at, persons, until in ((NOW - 1, (), NOW), (NOW, (ADA,), NOW + DAY), (NOW + DAY, (), TIME_MAX)):
        found = represented(shelf, MAX, at=at, size=book.size)  # type: ignore[arg-type]
        assert (found.persons, found.until) == (persons, until)


def test_anybodys_word_ends_a_delegation() -> None:
    book = new_book()
    grant(book)
    book.say(DelegationEnded(delegation=DelegationId("delegation_1"), at=NOW), by="anybody")
    assert speaks(book, at=NOW - 1) == (ADA,)
    assert speaks(book, at=NOW) == ()


def test_the_dead_are_not_spoken_for() -> None:
    book = new_book()
    grant(book)
    book.say(EstateOpened(deceased=ADA, died_at=NOW, heirs=(BEN,), heirs_complete=True), by="cmo")
    assert speaks(book, at=NOW) == ()


def test_an_id_of_a_delegation_is_used_once() -> None:
    book = new_book()
    grant(book, delegate=SUE)
    grant(book)
    assert speaks(book) == ()
    assert speaks(book, SUE) == (ADA,)


@pytest.mark.parametrize("may", [True, False])
def test_a_chain_holds_where_each_link_does(may: bool) -> None:
    book = new_book()
    grant(book, may_subdelegate=may)
    grant(
        book,
        delegation=DelegationId("delegation_2"),
        delegate=SUE,
        parent=DelegationId("delegation_1"),
        key=f"key-{MAX}",
    )
    assert speaks(book, SUE) == ((ADA,) if may else ())
    book.say(DelegationEnded(delegation=DelegationId("delegation_1"), at=NOW), by="cmo")
    assert speaks(book, SUE) == ()


def test_a_guardian_speaks_until_majority_where_it_was_appointed_by_who_answers() -> None:
    book = new_book()
    book.say(GuardianAppointed(minor=ADA, guardian=MAX, majority_at=NOW), by="cmo")
    book.say(GuardianAppointed(minor=BEN, guardian=MAX, majority_at=NOW), by="stranger", capacity=Capacity.AI_DEVELOPER)
    assert speaks(book, at=NOW - 1) == (ADA,)
    assert speaks(book, at=NOW) == ()


def test_an_earlier_size_knows_no_later_delegation() -> None:
    book = new_book()
    size = book.size
    grant(book)
    assert represented(Shelf(book), MAX, at=NOW, size=size).persons == ()  # type: ignore[arg-type]


def test_what_was_found_is_kept_until_the_ledger_or_the_clock_says_otherwise() -> None:
    book = new_book()
    grant(book, period=Period(START, NOW + DAY))
    shelf, kept = Shelf(book), Representations()

    def ask(at: int) -> tuple[str, ...]:
        return kept.of(shelf, MAX, at=at, size=book.size)  # type: ignore[arg-type]

    assert ask(NOW) == (ADA,)
    asked = shelf.asked
    book.size += 5
    assert ask(NOW) == (ADA,)
    assert shelf.asked == asked
    assert ask(NOW + DAY) == ()
    book.say(DelegationEnded(delegation=DelegationId("delegation_1"), at=START), by="cmo")
    assert ask(NOW) == ()
