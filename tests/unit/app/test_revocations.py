"""Whatever takes a yes away is in the revocation feed, and what it reaches names the row or says it is too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from cantoria.app import revocation_reach
from cantoria.app.revocation_reach import reach_of
from cantoria.app.revocations import Kind, revocations
from cantoria.clearance import Cleared, Rights, decide
from cantoria.consent import Conditions, Scope, ScopeKind, Verdict
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import ClaimId, LinkId, PartyId, RecordingId, StatementId, WorkId
from cantoria.kernel.uses import Use
from cantoria.registry.facts import (
    HoldersDeclaredComplete,
    LinkAsserted,
    RecordingRegistered,
    ShareClaimed,
    WorkRegistered,
)
from cantoria.registry.types import Relation, Role, Side
from cantoria.testing.book import Book
from cantoria.testing.restless_worlds import restless_world


class Facts:
    """The two questions that are asked of a fact index, over a list."""

    def __init__(self, facts: Sequence[Recorded[Any]]) -> None:
        self.facts = facts

    def scan(self, *, tags: Iterable[int], start: int, size: int) -> Iterator[Recorded[Any]]:
        return (one for one in self.facts if start <= one.index < size and one.fact.TYPE.tag in set(tags))

    def about(self, subjects: Sequence[str], *, tags: Iterable[int], size: int) -> list[Recorded[Any]]:
        wanted = set(subjects)
        found = self.scan(tags=tags, start=0, size=size)
        return [one for one in found if wanted.intersection(one.fact.subjects())]


def lost_yeses(seed: int) -> Iterator[tuple[Any, Any, int, str]]:
    """Give the row, the request, the fact's index and the subject of every yes that a fact of a world takes away."""
    world = restless_world(seed)
    request = replace(
        world.requests[0], use=Use.TRAIN_GENERATIVE, persons=(), campaign=None, attribution=True, label=True
    )
    before: dict[int, str] = {}
    last = world.facts[-1].index + 1
    for size in range(last - 35, last + 1):  # before that hardly anything is cleared
        rights = Rights.fold(world.facts, size=size)
        now = {}
        for row in world.rows:
            if isinstance(decide(row, replace(request, size=size), rights=rights), Cleared):
                now[row.line] = rights.registry.resolve(row.codes, media=row.media).subject
        for row in world.rows:
            if row.line in before and row.line not in now:
                yield row, request, size - 1, before[row.line]
        before = now


# In 5123 a work in the public domain becomes an arrangement, in 5167 an heir dies, in 5204 a claim is moved.
@pytest.mark.parametrize("first", [165, 180, 5_115, 5_130, 5_175, 5_195])
def test_every_yes_that_a_fact_takes_away_is_in_the_feed(first: int) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(first, first + 15):
        index = Facts(restless_world(seed).facts)
        for row, _, place, subject in lost_yeses(seed):
            items = list(revocations(index, start=place, size=place + 1))
            fact = next(one.fact for one in index.facts if one.index == place)
            assert len(items) == 1, (seed, place, fact, row)
            reach = items[0].reach
            named = subject in reach.things and bool(set(row.codes) & set(reach.codes))
            assert named or not reach.whole, (seed, place, fact, row, subject, reach)
            kinds[items[0].kind] += 1
    assert kinds.total() >= 3


def test_what_opens_no_door_and_closes_none_is_left_out() -> None:
    book = Book()
    yes = StatementMade(
        statement=StatementId("statement_1"),
        party=PartyId("party_a"),
        speaker=PartyId("party_a"),
        verdict=Verdict.YES,
        uses=frozenset({Use.ANALYSE}),
        scope=Scope(ScopeKind.PRESENT_WORKS),
    )
    no = replace(yes, statement=StatementId("statement_2"), verdict=Verdict.NO)
    book.say(yes)
    book.say(no)
    book.say(StatementWithdrawn(statement=StatementId("statement_2"), at=book.now))
    book.say(WorkRegistered(work=WorkId("work_1"), title="A"))
    book.say(
        LinkAsserted(
            link=LinkId("link_1"), left="iswc:T1", relation=Relation.IDENTIFIES, right="work_1", asserted_by="x"
        )
    )
    book.say(StatementWithdrawn(statement=StatementId("statement_1"), at=7))
    book.say(replace(yes, statement=StatementId("statement_3"), conditions=Conditions(attribution=True)))
    found = list(revocations(Facts(book.facts), start=0, size=book.size))
    assert [(one.index, one.kind, one.statement) for one in found] == [
        (1, Kind.REFUSED, "statement_2"),
        (5, Kind.WITHDRAWN, "statement_1"),
        (6, Kind.REFUSED, "statement_3"),
    ]
    assert found[1].effective_at == 7
    assert found[1].uses == ("analyse",)


def test_nothing_tells_who_is_who() -> None:
    book = Book()
    book.say(ShareClaimed(claim=ClaimId("claim_1"), subject="work_1", party=PartyId("party_a"), role=Role.COMPOSER))
    complete = HoldersDeclaredComplete(
        subject="work_1", side=Side.WORK, signed_by=PartyId("party_a"), claims=(ClaimId("claim_1"),)
    )
    book.say(complete)
    for number, (left, relation, right) in enumerate(
        (
            ("ipi_name:00014107338", Relation.IDENTIFIES, "party_a"),
            ("party_b", Relation.SAME_AS, "party_a"),
            ("ipi_name:00014107338", Relation.IDENTIFIES, "work_1"),
            ("own:A:1", Relation.IDENTIFIES, "work_1"),
            ("own:A:1", Relation.IDENTIFIES, "party_a"),
            ("iswc:T1", Relation.IDENTIFIES, "work_1"),
            ("iswc:T1", Relation.IDENTIFIES, "work_2"),
        )
    ):
        book.say(
            LinkAsserted(link=LinkId(f"link_{number}"), left=left, relation=relation, right=right, asserted_by="x")
        )
    found = {one.index: one for one in revocations(Facts(book.facts), start=0, size=book.size)}
    assert sorted(found) == [3, 4, 8]
    assert (found[3].kind, found[3].reach.things, found[3].reach.codes) == (Kind.MANDATE, ("work_1",), ())
    assert found[8].reach.codes == ("iswc:T1",)
    told = " ".join(text for one in found.values() for text in (*one.reach.things, *one.reach.codes, one.statement))
    assert "party_" not in told
    assert "ipi_name" not in told
    assert "own:" not in told


def test_reach_follows_works_recordings_samples_and_codes_and_stops_where_it_is_too_much() -> None:
    book = Book()
    book.say(WorkRegistered(work=WorkId("work_1"), title="A"))
    book.say(WorkRegistered(work=WorkId("work_2"), title="B", parts=(WorkId("work_1"),)))
    book.say(RecordingRegistered(recording=RecordingId("recording_1"), title="A"))
    book.say(
        RecordingRegistered(recording=RecordingId("recording_2"), title="B", samples=(RecordingId("recording_1"),))
    )
    for number, (left, relation, right) in enumerate(
        (
            ("recording_1", Relation.EMBODIES, "work_2"),
            ("isrc:1", Relation.IDENTIFIES, "recording_1"),
            ("isrc:2", Relation.IDENTIFIES, "recording_2"),
            ("iswc:1", Relation.IDENTIFIES, "work_1"),
        )
    ):
        book.say(
            LinkAsserted(link=LinkId(f"link_{number}"), left=left, relation=relation, right=right, asserted_by="x")
        )
    index = Facts(book.facts)
    found = reach_of(index, things=["work_1"], parties=[], size=book.size)
    assert found.things == ("recording_1", "recording_2", "work_1", "work_2")
    assert found.codes == ("isrc:1", "isrc:2", "iswc:1")
    assert found.whole
    for number in range(revocation_reach.THINGS_MAX):
        book.say(
            LinkAsserted(
                link=LinkId(f"link_m{number}"),
                left=f"recording_m{number}",
                relation=Relation.EMBODIES,
                right="work_1",
                asserted_by="x",
            )
        )
    many = reach_of(index, things=["work_1"], parties=[], size=book.size)
    assert (many.whole, many.things, many.codes) == (False, (), ())
