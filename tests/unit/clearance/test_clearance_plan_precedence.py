"""Which of many statements decides: dense worlds of one recording in which everybody has said everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from cantoria.adapters.duckdb.analytics import DuckDBAnalytics
from cantoria.clearance import Answer, Cleared, Request, Row, Status
from cantoria.clearance.dataset import clear_dataset, register_rows
from cantoria.clearance.snapshot_schema import REGIONS_MAX
from cantoria.consent import (
    ANYONE,
    NO_CONDITIONS,
    Conditions,
    LicenseeKind,
    LicenseeTerm,
    Scope,
    ScopeKind,
    Verdict,
)
from cantoria.consent.facts import StatementMade
from cantoria.kernel import territories
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import (
    CatalogueId,
    ClaimId,
    DelegationId,
    LinkId,
    PartyId,
    RecordingId,
    ReleaseId,
    StatementId,
    WorkId,
)
from cantoria.kernel.money import Money
from cantoria.kernel.periods import parse_moment
from cantoria.kernel.uses import ALL_USES, Use
from cantoria.mandates import MandateKind
from cantoria.mandates.facts import DelegationGranted
from cantoria.registry import Relation, Role, Side
from cantoria.registry import facts as registry
from cantoria.testing.book import Book
from cantoria.testing.merged_worlds import Merged, merge, part_of

WRITER, LABEL, AGENT = PartyId("party_writer"), PartyId("party_label"), PartyId("party_agent")
CATALOGUE = CatalogueId("catalogue")
ROWS = (Row(1, ("isrc:KRA382500001",)), Row(2, ("iswc:T0000000010",), "work"), Row(3, ("isrc:KRA382500002",)))
SCOPES = (
    Scope(ScopeKind.RECORDING, "recording_1"),
    Scope(ScopeKind.WORK, "work_1"),
    Scope(ScopeKind.RELEASE, "release"),
    Scope(ScopeKind.CATALOGUE, CATALOGUE),
    Scope(ScopeKind.PRESENT_WORKS),
    Scope(ScopeKind.FUTURE_WORKS),
)
LICENSEES = (
    ANYONE,
    LicenseeTerm(LicenseeKind.CLASS, "research"),
    LicenseeTerm(LicenseeKind.CLASS, "startup"),
    LicenseeTerm(LicenseeKind.NAMED, "party_dev"),
    LicenseeTerm(LicenseeKind.NAMED, "party_other"),
)
PLACES = ("2136", "2136 -0840", "2123", "0410", "0410 0840", "0840")
CONDITIONS = (
    *[NO_CONDITIONS] * 4,
    Conditions(min_price=Money(1000, "EUR")),
    Conditions(min_price=Money(10, "EUR")),
    Conditions(min_price=Money(10, "KRW")),
    Conditions(model_version="m1"),
    Conditions(model_version="m1", min_price=Money(1000, "EUR")),
    Conditions(model_version="m2"),
    Conditions(model_version=""),
    Conditions(campaign="spring"),
    Conditions(attribution=True),
    Conditions(label=True, min_price=Money(1000, "EUR")),
    Conditions(other=("good taste",)),
)
REQUEST = Request(
    use=Use.TRAIN_GENERATIVE,
    licensee=PartyId("party_dev"),
    licensee_classes=frozenset({"research", "unheard-of"}),
    territories="0410 0840 0250",
    at=parse_moment("2027-01-01"),
    size=10_000,
    offer=Money(500, "EUR"),
    model_version="m1",
    attribution=True,
)
REQUESTS = (
    REQUEST,
    replace(REQUEST, licensee_classes=frozenset(), offer=None, attribution=False, territories="0410"),
    replace(REQUEST, use=Use.ADVERTISE, used_input=True, campaign="spring", model_version=None),
    replace(REQUEST, use=Use.ADVERTISE, used_input=True, campaign="nobody named it", label=True),
    replace(REQUEST, model_version="m2", label=True),
    replace(REQUEST, model_version="nobody named it"),
)
# The campaign of the fourth is one that no yes names: nothing can be cleared or bought, only asked of others.
ALONE = Cleared(())  # what nobody named comes to
STATUSES = (*[set(Status)] * 3, {Status.DENIED, Status.UNKNOWN}, *[set(Status)] * 2)


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBAnalytics]:
    with DuckDBAnalytics(threads=2) as analytics:
        yield analytics


def opened() -> Book:
    """Return a book with two recordings of two works; everything is registered and complete but nothing said."""
    book = Book()
    for party in (WRITER, LABEL, AGENT):
        book.say(registry.PartyRegistered(party=party, kind=registry.PartyKind.ORGANISATION))
    for n in (1, 2):
        book.say(registry.WorkRegistered(work=WorkId(f"work_{n}"), title="w"))
        book.say(registry.RecordingRegistered(recording=RecordingId(f"recording_{n}"), title="r"))
    links = [
        ("isrc:KRA382500001", Relation.IDENTIFIES, "recording_1"),
        ("isrc:KRA382500002", Relation.IDENTIFIES, "recording_2"),
        ("iswc:T0000000010", Relation.IDENTIFIES, "work_1"),
        ("recording_1", Relation.EMBODIES, "work_1"),
        ("recording_2", Relation.EMBODIES, "work_1"),
        ("recording_2", Relation.EMBODIES, "work_2"),
    ]
    for n, (left, relation, right) in enumerate(links):
        link = LinkId(f"link_{n}")
        book.say(registry.LinkAsserted(link=link, left=left, relation=relation, right=right, asserted_by=LABEL))
    for n in (1, 2):
        holders(book, f"work_{n}", {Role.COMPOSER: WRITER, Role.PUBLISHER: LABEL})
        holders(book, f"recording_{n}", {Role.FEATURED_PERFORMER: WRITER, Role.PRODUCER: LABEL})
    book.say(
        registry.ReleaseRegistered(release=ReleaseId("release"), title="x", recordings=(RecordingId("recording_1"),))
    )
    uses = frozenset(ALL_USES)
    grant = DelegationGranted(
        delegation=DelegationId("delegation"), principal=WRITER, delegate=AGENT, kind=MandateKind.AGENT, uses=uses
    )
    book.say(grant, by=WRITER)
    return book


def holders(book: Book, subject: str, parties: dict[Role, PartyId]) -> None:
    claims = []
    for role, party in parties.items():
        claims.append(ClaimId(f"claim_{book.size}"))
        book.say(registry.ShareClaimed(claim=claims[-1], subject=subject, party=party, role=role))
    side = next(iter(parties)).side
    declared = registry.HoldersDeclaredComplete(subject=subject, side=side, signed_by=LABEL, claims=tuple(claims))
    book.say(declared, by=LABEL, capacity=Capacity.PRODUCER)


def say(book: Book, party: PartyId, speaker: PartyId | None = None, /, **terms: object) -> None:
    said = StatementMade(
        statement=StatementId(f"statement_{book.size}"),
        party=party,
        speaker=speaker or party,
        uses=ALL_USES,
        delegation=DelegationId("delegation") if speaker else None,
        **terms,  # type: ignore[arg-type]
    )
    book.say(said, by=said.speaker)


def gather(book: Book, rng: Random) -> None:
    """Add to the catalogue; what is in it only now, no earlier yes speaks of."""
    members = tuple(rng.sample(("work_1", "recording_1", "recording_2", "release"), k=1))
    book.say(registry.CatalogueDefined(catalogue=CATALOGUE, owner=WRITER, members=members), by=WRITER)


def dense(seed: int, *, request: Request) -> Merged:
    """Return a world in which the writer, its agent and the label speak up to a dozen times, mostly yes."""
    rng = Random(seed)
    book = opened()
    kinds = rng.sample(SCOPES, k=rng.randint(1, 3))
    spring = Conditions(campaign="spring") if request.use is Use.ADVERTISE else NO_CONDITIONS
    if rng.random() < 0.7:
        everywhere = Scope(ScopeKind.PRESENT_WORKS)
        say(book, LABEL, verdict=Verdict.YES, scope=everywhere, conditions=spring)
        say(book, WRITER, verdict=Verdict.YES, scope=everywhere, territory="0410 0840 0250", conditions=spring)
    for _ in range(rng.randint(1, 10)):
        if rng.random() < 0.2:
            gather(book, rng)
        verdict = rng.choice((*[Verdict.YES] * 7, Verdict.ASK, Verdict.NO, Verdict.STOP))
        say(
            book,
            *rng.choice(((WRITER, None), (WRITER, None), (WRITER, AGENT), (LABEL, None))),
            verdict=verdict,
            scope=rng.choice(kinds),
            licensee=rng.choice(LICENSEES),
            territory=rng.choice(PLACES),
            conditions=rng.choice((*CONDITIONS, spring, spring, spring)) if verdict is Verdict.YES else NO_CONDITIONS,
        )
    return built(book)


def built(book: Book) -> Merged:
    return part_of(ROWS, book.facts, at=REQUEST.at, size=REQUEST.size)


def assert_equal_answers(world: Merged, request: Request, engine: DuckDBAnalytics) -> dict[int, Answer]:
    register_rows(world.rows, analytics=engine)
    result = clear_dataset(world.snapshot, request=request, persons=ALONE, analytics=engine, evidence=True)
    answers, expected = dict(result.answers()), world.answers(request)
    different = [line for line, answer in expected.items() if answers.get(line) != answer]
    assert [(line, expected[line], answers.get(line)) for line in different[:3]] == []
    return expected


@pytest.mark.parametrize("number", range(len(REQUESTS)))
def test_dense_worlds_agree(engine: DuckDBAnalytics, number: int) -> None:
    request = REQUESTS[number]
    world = merge([dense(seed, request=request) for seed in range(number * 100, number * 100 + 100)])
    found = assert_equal_answers(world, request, engine)
    assert {answer.status for answer in found.values()} == STATUSES[number]
    for other in REQUESTS:
        assert_equal_answers(world, other, engine)


def test_more_territory_classes_than_bits_of_one_mask(engine: DuckDBAnalytics) -> None:
    book = opened()
    everywhere = Scope(ScopeKind.PRESENT_WORKS)
    countries = list(territories.countries(REQUEST.at))[: REGIONS_MAX + 30]
    say(book, LABEL, verdict=Verdict.YES, scope=everywhere)
    for country in countries:
        say(book, WRITER, verdict=Verdict.YES, scope=everywhere, territory=country)
    request = replace(REQUEST, territories=" ".join(countries), offer=None)
    answer = assert_equal_answers(built(book), request, engine)[1]
    assert engine.fetch("SELECT count(*) FROM place_mask WHERE regions1 <> 0") == [(31,)]
    assert isinstance(answer, Cleared)
    assert len(answer.because) == len(countries) + 1
    say(book, WRITER, verdict=Verdict.NO, scope=everywhere, territory=countries[-1])
    assert assert_equal_answers(built(book), request, engine)[1].status == "denied"


def test_dispute_over_a_side_and_a_closure_gives_one_reason(engine: DuckDBAnalytics) -> None:
    book = opened()
    book.say(
        registry.DisputeOpened(
            case=registry.CaseId("case"),
            subject="recording_1",
            side=Side.RECORDING,
            opened_by=AGENT,
            tier=registry.Tier.DOCUMENTED,
            reason="mine",
            next_actor=LABEL,
            due_at=REQUEST.at,
        )
    )
    link = next(said.fact.link for said in book.facts if getattr(said.fact, "left", "") == "recording_1")
    book.say(registry.LinkReviewed(link=link, agreed=False, reviewed_by=AGENT), by=AGENT)
    assert_equal_answers(built(book), REQUEST, engine)
