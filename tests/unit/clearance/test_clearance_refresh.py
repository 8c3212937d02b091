"""A refreshed snapshot says what one built anew says, on random worlds cut at random places and moments."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.clearance import Rights
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_dictionaries import Dictionaries
from cantoria.clearance.snapshot_refresh import Generation, grow, refresh
from cantoria.clearance.snapshot_schema import OWNERS
from cantoria.consent import Scope, ScopeKind, Verdict
from cantoria.consent.facts import StatementMade
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import ClaimId, LinkId, PartyId, RecordingId, StatementId, WorkId
from cantoria.kernel.periods import DAY, Period, parse_moment
from cantoria.kernel.uses import ALL_USES
from cantoria.registry import PartyKind, Relation, Role
from cantoria.registry import facts as registry
from cantoria.testing.book import Book
from cantoria.testing.restless_worlds import restless_world
from cantoria.testing.snapshot_rows import logical, stacked
from cantoria.testing.worlds import World, worlds

AT = parse_moment("2027-01-01")
START = parse_moment("2024-06-01")


def moments(random: Random, count: int) -> list[int]:
    """Return moments in order, some of them the same, within the time in which things begin and end in worlds."""
    return sorted(START + random.choice((0, 200, 400, 600, 1_000, 1_400)) * DAY for _ in range(count))


def grown_and_built(world: World, cuts: list[int], at: list[int]) -> tuple[Any, Any]:
    """Return the logical rows of a snapshot refreshed at each cut, and of one built anew at the end."""
    facts = list(world.facts)
    pieces = [facts[start:end] for start, end in zip([0, *cuts], [*cuts, len(facts)], strict=True)]
    rights = Rights.fold(pieces[0])
    base = build(rights, at=at[0], size=len(pieces[0]))
    numbers = Dictionaries.of(base.tables)
    known: list[Recorded[Any]] = list(pieces[0])
    generations: list[Generation] = []
    for then, now, piece in zip(at, at[1:], pieces[1:], strict=False):
        known += piece
        grown = grow(rights, said=known, new=piece)
        generations.append(refresh(grown, then=then, at=now, size=len(known), numbers=numbers))
        rights = grown.after
    anew = build(Rights.fold(facts), at=at[-1], size=len(facts))
    assert generations[-1].until == anew.until
    return logical(stacked(base.tables, generations)), logical(anew.tables)


def assert_refreshed(world: World, seed: int) -> None:
    random = Random(seed)
    count = random.randint(1, 3)
    cuts = sorted(random.randint(0, len(world.facts)) for _ in range(count))
    refreshed, anew = grown_and_built(world, cuts, moments(random, count + 1))
    for name, rows in anew.items():
        assert refreshed[name] == rows, name


@settings(max_examples=150)
@given(world=worlds(), seed=st.integers(0, 2**32))
def test_refreshing_says_what_building_anew_says(world: World, seed: int) -> None:
    assert_refreshed(world, seed)


@settings(max_examples=250)
@given(seed=st.integers(0, 2**32))
def test_refreshing_says_it_where_everything_is_said_otherwise_later(seed: int) -> None:
    assert_refreshed(restless_world(seed), seed)


def world_of_many(count: int) -> Book:
    """Return a book with so many recordings of a work each, all held by one label and one writer."""
    book = Book()
    for party in ("party_label", "party_writer"):
        book.say(registry.PartyRegistered(party=PartyId(party), kind=PartyKind.ORGANISATION))
    for n in range(count):
        book.say(registry.WorkRegistered(work=WorkId(f"work_{n}"), title="w"))
        book.say(registry.RecordingRegistered(recording=RecordingId(f"recording_{n}"), title="r"))
        link(book, f"isrc:KRA38250{n:04}", Relation.IDENTIFIES, f"recording_{n}")
        link(book, f"recording_{n}", Relation.EMBODIES, f"work_{n}")
        for subject, party, role in (
            (f"work_{n}", "party_writer", Role.COMPOSER),
            (f"recording_{n}", "party_label", Role.PRODUCER),
        ):
            book.say(
                registry.ShareClaimed(
                    claim=ClaimId(f"claim_{book.size}"), subject=subject, party=PartyId(party), role=role
                )
            )
    return book


def link(book: Book, left: str, relation: Relation, right: str) -> None:
    said = LinkId(f"link_{book.size}")
    book.say(registry.LinkAsserted(link=said, left=left, relation=relation, right=right, asserted_by="party_label"))


def statement(scope: Scope, party: str = "party_label") -> StatementMade:
    return StatementMade(
        statement=StatementId("statement_new"),
        party=PartyId(party),
        speaker=PartyId(party),
        verdict=Verdict.YES,
        uses=frozenset(ALL_USES),
        scope=scope,
    )


def rows_changed(book: Book, fact: Any, *, by: str) -> dict[str, int]:
    """Return how many rows of each table a refresh after one more fact writes, dictionaries left out."""
    before = list(book.facts)
    rights = Rights.fold(before)
    numbers = Dictionaries.of(build(rights, at=AT, size=len(before)).tables)
    book.say(fact, by=by, capacity=Capacity.PRODUCER)
    grown = grow(rights, said=book.facts, new=book.facts[-1:])
    made = refresh(grown, then=AT, at=AT, size=book.size, numbers=numbers)
    return {name: made.tables[name].rows for name in OWNERS if made.tables[name].rows}


def test_a_person_wide_consent_touches_its_voice_alone() -> None:
    fact = statement(Scope(ScopeKind.PRESENT_WORKS))
    assert rows_changed(world_of_many(50), fact, by="party_label") == {"statement": 1, "person": 1}


def test_a_consent_to_one_recording_touches_that_recording_alone() -> None:
    fact = statement(Scope(ScopeKind.RECORDING, "recording_7"))
    found = rows_changed(world_of_many(50), fact, by="party_label")
    assert found.pop("statement") == found.pop("person") == 1
    assert found == {"part": 2, "unit_problem": 2, "need": 2, "reach": 1}


def test_a_link_touches_what_it_links_alone() -> None:
    fact = registry.LinkAsserted(
        link=LinkId("link_new"),
        left="recording_7",
        relation=Relation.EMBODIES,
        right="work_8",
        asserted_by="party_label",
    )
    found = rows_changed(world_of_many(50), fact, by="party_label")
    assert sum(found.values()) < 20
    assert found["part"] == 3


def test_another_recording_of_a_popular_work_leaves_its_other_recordings_alone() -> None:
    book = world_of_many(2)
    for n in range(60):
        book.say(registry.RecordingRegistered(recording=RecordingId(f"cover_{n}"), title="cover"))
        link(book, f"isrc:KRA38260{n:04}", Relation.IDENTIFIES, f"cover_{n}")
        link(book, f"cover_{n}", Relation.EMBODIES, "work_0")
    fact = registry.LinkAsserted(
        link=LinkId("link_new"),
        left="recording_1",
        relation=Relation.EMBODIES,
        right="work_0",
        asserted_by="party_label",
    )
    assert sum(rows_changed(book, fact, by="party_label").values()) < 20


def test_time_alone_is_refreshed() -> None:
    book = world_of_many(3)
    claim = registry.ShareClaimed(
        claim=ClaimId("claim_late"),
        subject="work_1",
        party=PartyId("party_second"),
        role=Role.COMPOSER,
        period=Period(AT + 3 * DAY, AT + 9 * DAY),
    )
    book.say(claim)
    rights = Rights.fold(book.facts)
    base = build(rights, at=AT, size=book.size)
    assert base.until == AT + 3 * DAY
    numbers = Dictionaries.of(base.tables)
    made = refresh(grow(rights, said=book.facts, new=()), then=AT, at=base.until, size=book.size, numbers=numbers)
    assert made.until == AT + 9 * DAY
    anew = build(Rights.fold(book.facts), at=base.until, size=book.size)
    assert logical(stacked(base.tables, [made])) == logical(anew.tables)


def test_a_snapshot_goes_neither_back_nor_beyond_a_change_of_countries() -> None:
    rights = Rights.fold(world_of_many(1).facts)
    grown = grow(rights, said=(), new=())
    with pytest.raises(InputError, match="back in time"):
        refresh(grown, then=AT, at=AT - 1, size=9, numbers=Dictionaries())
    brexit = parse_moment("2020-02-01")
    with pytest.raises(InputError, match="countries have changed"):
        refresh(grown, then=brexit - 1, at=brexit, size=9, numbers=Dictionaries())
