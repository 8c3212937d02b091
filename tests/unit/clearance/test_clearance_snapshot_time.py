"""How long a snapshot is good: nothing but statements' own periods changes before `until`."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.clearance import Rights
from cantoria.clearance.snapshot import build
from cantoria.clearance.snapshot_time import DAYS_MAX
from cantoria.kernel.ids import ClaimId, DelegationId, PartyId, WorkId
from cantoria.kernel.periods import DAY, Period, parse_moment
from cantoria.kernel.uses import ALL_USES
from cantoria.mandates import MandateKind
from cantoria.mandates.facts import DelegationEnded, DelegationGranted, EstateOpened
from cantoria.registry import Role
from cantoria.registry import facts as registry
from cantoria.testing.book import Book
from cantoria.testing.restless_worlds import restless_world
from cantoria.testing.snapshot_rows import logical
from cantoria.testing.world_parts import MOMENTS

AT = parse_moment("2027-01-01")
WORK, ADA = "work_1", PartyId("party_ada")


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_nothing_changes_while_a_snapshot_is_good(seed: int) -> None:
    world, random = restless_world(seed), Random(seed)
    rights = Rights.fold(world.facts)
    at = random.choice(MOMENTS) - random.choice((0, 1, 5 * DAY, 40 * DAY))
    snapshot = build(rights, at=at, size=len(world.facts))
    assert at < snapshot.until <= at + DAYS_MAX * DAY
    rows = logical(snapshot.tables)
    for moment in (snapshot.until - 1, random.randint(at, snapshot.until - 1)):
        later = build(rights, at=moment, size=len(world.facts))
        assert logical(later.tables) == rows
        assert later.until >= snapshot.until


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_a_snapshot_ends_where_anything_changes(seed: int) -> None:
    world = restless_world(seed)
    rights = Rights.fold(world.facts)
    for moment in MOMENTS:
        before = build(rights, at=moment - 1, size=len(world.facts))
        after = build(rights, at=moment, size=len(world.facts))
        if logical(before.tables) != logical(after.tables):
            assert before.until == moment


def until_with(*facts: object) -> int:
    """Return until when the snapshot of a work with these facts is good."""
    book = Book()
    book.say(registry.WorkRegistered(work=WorkId(WORK), title="w"))
    for fact in facts:
        book.say(fact, by="party_ada")
    return build(Rights.fold(book.facts), at=AT, size=book.size).until


def claim(period: Period) -> registry.ShareClaimed:
    return registry.ShareClaimed(claim=ClaimId("claim"), subject=WORK, party=ADA, role=Role.COMPOSER, period=period)


def granted(kind: MandateKind, period: Period = Period()) -> DelegationGranted:  # noqa: B008 - immutable
    return DelegationGranted(
        delegation=DelegationId("delegation"),
        principal=ADA,
        delegate=PartyId("party_bo"),
        kind=kind,
        uses=frozenset(ALL_USES),
        period=period,
    )


def test_every_kind_of_change_ends_a_snapshot() -> None:
    soon, later = AT + 3 * DAY, AT + 9 * DAY
    assert until_with() == AT + DAYS_MAX * DAY
    assert until_with(claim(Period(end=soon))) == soon
    assert until_with(claim(Period(soon, later))) == soon
    assert until_with(claim(Period()), registry.ClaimWithdrawn(claim=ClaimId("claim"), at=soon)) == soon
    assert until_with(granted(MandateKind.COSIGNER, Period(end=soon))) == soon
    assert until_with(granted(MandateKind.TRUST, Period(soon))) == soon
    ended = DelegationEnded(delegation=DelegationId("delegation"), at=later)
    assert until_with(granted(MandateKind.COSIGNER), ended) == later
    assert until_with(granted(MandateKind.AGENT, Period(end=soon))) == AT + DAYS_MAX * DAY  # its statements end with it
    death = EstateOpened(deceased=ADA, died_at=soon, heirs=(), heirs_complete=False)
    assert until_with(death) == soon


def test_a_snapshot_ends_where_countries_change() -> None:
    brexit = parse_moment("2020-02-01")
    assert build(Rights.fold(()), at=brexit - DAY, size=0).until == brexit
