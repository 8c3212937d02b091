"""Rights that somebody means ill with: builder, plan and reference answer, alike, and soon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Answer, Cleared, Denied, Request, Row, Unknown
from cantoria.clearance.dataset import clear_dataset, register_rows
from cantoria.consent import Scope, ScopeKind, Verdict
from cantoria.consent.facts import StatementMade
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import ClaimId, DelegationId, LinkId, PartyId, RecordingId, StatementId, WorkId
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import ALL_USES, Use
from cantoria.mandates import MandateKind
from cantoria.mandates.facts import DelegationGranted
from cantoria.registry import PartyKind, Relation, Role, WorkKind
from cantoria.registry import facts as registry
from cantoria.testing.book import Book
from cantoria.testing.merged_worlds import part_of

ADA, LABEL = PartyId("party_ada"), PartyId("party_label")
ROW = Row(1, ("isrc:KRA382500001",))
AT = parse_moment("2060-01-01")
REQUEST = Request(
    use=Use.TRAIN_GENERATIVE, licensee=PartyId("party_dev"), territories="0410 0840 0250", at=AT, size=1_000_000
)
EVERYTHING = Scope(ScopeKind.PRESENT_WORKS)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def opened(*, work_territory: str = "2136") -> Book:
    """Return a book with one recording of one work, complete, by a writer and a label that said yes to everything."""
    book = Book()
    for party in (ADA, LABEL):
        book.say(registry.PartyRegistered(party=party, kind=PartyKind.PERSON))
    book.say(registry.WorkRegistered(work=WorkId("work"), title="w"))
    book.say(registry.RecordingRegistered(recording=RecordingId("recording"), title="r"))
    for n, (left, relation, right) in enumerate(
        ((ROW.codes[0], Relation.IDENTIFIES, "recording"), ("recording", Relation.EMBODIES, "work"))
    ):
        book.say(
            registry.LinkAsserted(
                link=LinkId(f"link_{n}"), left=left, relation=relation, right=right, asserted_by=LABEL
            )
        )
    held = {"work": ((ADA, Role.COMPOSER), (LABEL, Role.PUBLISHER))}
    held["recording"] = ((ADA, Role.FEATURED_PERFORMER), (LABEL, Role.PRODUCER))
    for subject, roles in held.items():
        claims = []
        for party, role in roles:
            claims.append(ClaimId(f"claim_{book.size}"))
            where = work_territory if subject == "work" else "2136"
            book.say(registry.ShareClaimed(claim=claims[-1], subject=subject, party=party, role=role, territory=where))
        side = roles[0][1].side
        whole = registry.HoldersDeclaredComplete(subject=subject, side=side, signed_by=LABEL, claims=tuple(claims))
        book.say(whole, by=LABEL, capacity=Capacity.PRODUCER)
    say(book, LABEL)
    return book


def say(book: Book, party: PartyId, *, verdict: Verdict = Verdict.YES, by: str = "", **terms: object) -> None:
    speaker = PartyId(by) if by else party
    fact = StatementMade(
        statement=StatementId(f"statement_{book.size}"),
        party=party,
        speaker=speaker,
        verdict=verdict,
        uses=frozenset(ALL_USES),
        scope=EVERYTHING,
        **terms,  # type: ignore[arg-type]
    )
    book.say(fact, by=speaker)


def grant(book: Book, number: int, *, parent: int | None, principal: str = ADA, delegate: str = "") -> DelegationId:
    delegation = DelegationId(f"delegation_{number}")
    fact = DelegationGranted(
        delegation=delegation,
        principal=PartyId(principal),
        delegate=PartyId(delegate or f"party_agent{number}"),
        kind=MandateKind.AGENT,
        uses=frozenset(ALL_USES),
        may_subdelegate=True,
        parent=DelegationId(f"delegation_{parent}") if parent is not None else None,
    )
    book.say(fact, by=principal if parent is None else f"party_agent{parent}")
    return delegation


def answer_of(book: Book, engine: DuckDBAnalytics, request: Request = REQUEST) -> Answer:
    """Return the plan's answer, which must be the reference's."""
    world = part_of((ROW,), book.facts, at=request.at, size=request.size)
    register_rows(world.rows, analytics=engine)
    alone = Cleared(())
    result = clear_dataset(world.snapshot, request=request, persons=alone, analytics=engine, evidence=True)
    answers = dict(result.answers())
    assert answers == world.answers(request)
    return answers[ROW.line]


def test_the_world_without_harm_is_cleared(engine: DuckDBAnalytics) -> None:
    book = opened()
    say(book, ADA)
    assert isinstance(answer_of(book, engine), Cleared)


@pytest.mark.parametrize("length", [8, 9, 1_000])
def test_a_chain_of_mandates_carries_a_yes_only_so_far(engine: DuckDBAnalytics, length: int) -> None:
    book = opened()
    for number in range(length):
        last = grant(book, number, parent=number - 1 if number else None)
    say(book, ADA, by=f"party_agent{length - 1}", delegation=last)
    found = answer_of(book, engine)
    assert isinstance(found, Cleared) if length <= 8 else isinstance(found, Unknown)


def test_a_refusal_at_the_end_of_a_long_chain_is_heard(engine: DuckDBAnalytics) -> None:
    book = opened()
    say(book, ADA)
    for number in range(1_000):
        last = grant(book, number, parent=number - 1 if number else None)
    say(book, ADA, verdict=Verdict.STOP, by="party_agent999", delegation=last)
    assert isinstance(answer_of(book, engine), Denied)


def test_delegations_in_a_circle_carry_nothing(engine: DuckDBAnalytics) -> None:
    book = opened()
    for number in range(20):
        grant(book, number, parent=(number + 1) % 20)
    say(book, ADA, by="party_agent3", delegation=DelegationId("delegation_3"))
    assert isinstance(answer_of(book, engine), Unknown)


def test_co_signers_in_a_circle_are_all_asked(engine: DuckDBAnalytics) -> None:
    book = opened()
    say(book, ADA)
    ring = [ADA, *(PartyId(f"party_{n}") for n in range(30))]
    for n, principal in enumerate(ring):
        fact = DelegationGranted(
            delegation=DelegationId(f"delegation_{n}"),
            principal=principal,
            delegate=ring[(n + 1) % len(ring)],
            kind=MandateKind.COSIGNER,
            uses=frozenset(ALL_USES),
        )
        book.say(fact, by=principal)
    found = answer_of(book, engine)
    assert isinstance(found, Unknown)
    assert found.missing == ("party_ada via party_0",)


def test_works_that_are_parts_of_one_another_are_read_once(engine: DuckDBAnalytics) -> None:
    book = opened()
    say(book, ADA)
    ring = ["work", *(f"part_{n}" for n in range(200))]
    for work, part in zip(ring, [*ring[1:], ring[0]], strict=True):
        fact = registry.WorkRegistered(work=WorkId(work), title=work, kind=WorkKind.MEDLEY, parts=(WorkId(part),))
        book.say(fact)
    found = answer_of(book, engine)
    assert isinstance(found, Unknown)
    assert len(found.reasons) >= 200


CONTRADICTIONS = (
    ("2136 -2136", Unknown),  # nowhere
    ("0410 -0410 0410", Unknown),  # taken away and given back: Korea, and nothing else
    ("2136 -0840", Unknown),  # the request is of the United States too
    ("2136 -0840 0840", Cleared),
)


@pytest.mark.parametrize(("territory", "status"), CONTRADICTIONS)
def test_contradictory_territories_of_a_yes_mean_what_they_say_from_left_to_right(
    engine: DuckDBAnalytics, territory: str, status: type[Answer]
) -> None:
    book = opened()
    say(book, ADA, territory=territory)
    assert isinstance(answer_of(book, engine), status)


@pytest.mark.parametrize("territory", ["2136 -2136", "nowhere", "0410 -0410", "2136 -0840 -0410"])
def test_a_refusal_for_no_readable_territory_counts_where_it_can(engine: DuckDBAnalytics, territory: str) -> None:
    book = opened()
    say(book, ADA)
    say(book, ADA, verdict=Verdict.NO, territory=territory)
    found = answer_of(book, engine)
    elsewhere = answer_of(book, engine, replace(REQUEST, territories="0410"))
    assert isinstance(found, Denied) == (territory in ("nowhere", "2136 -0840 -0410"))
    assert isinstance(elsewhere, Denied) == (territory == "nowhere")


@pytest.mark.parametrize("territory", ["2136 -2136", "no place", "0410", "2136 -0410"])
def test_claims_for_contradictory_territories_lose_no_holder(engine: DuckDBAnalytics, territory: str) -> None:
    book = opened(work_territory=territory)
    say(book, ADA)
    found = answer_of(book, engine)
    assert isinstance(found, Cleared) == (territory == "no place")


def test_a_thousand_territories_of_one_holder(engine: DuckDBAnalytics) -> None:
    book = opened()
    for n in range(1_000):
        verdict = Verdict.NO if n % 2 else Verdict.YES
        say(book, ADA, verdict=verdict, territory="2136" + " -0410 0410" * (n % 7) + (" -0840" if n % 3 else ""))
    assert isinstance(answer_of(book, engine), Denied)
