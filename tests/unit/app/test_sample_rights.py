"""The sample world through the real readers and folds: bad rows become findings, all four statuses occur, the story
can be told, and what it revokes is no longer cleared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cantoria.app import sample
from cantoria.app.sample import Delivery, World, more, story
from cantoria.app.sample.world import Asked
from cantoria.clearance import Rights, decide
from cantoria.clearance.reasons import ReasonCode
from cantoria.clearance.types import Answer, Request, Row, Status
from cantoria.consent import Standings
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import ScopeKind
from cantoria.formats import csvfamily, ern
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.facts import Recorded
from cantoria.kernel.ids import typed_id
from cantoria.kernel.periods import DAY
from cantoria.mandates import Mandates
from cantoria.mandates.facts import DelegationGranted
from cantoria.registry import Registry
from cantoria.registry.facts import (
    HoldersDeclaredComplete,
    LinkAsserted,
    PartyKeyRegistered,
    PartyNamed,
    PartyRegistered,
    ShareClaimed,
)
from cantoria.registry.types import PartyKind, Relation
from cantoria.registry.views import ClaimView

SCALE = 0.05
TABLES = frozenset(table.name for table in csvfamily.FACT_TABLES)


@dataclass(slots=True)
class Books:
    """A ledger in memory: facts in order, what codes name, who has which key."""

    world: World
    facts: list[Recorded[Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    links: dict[tuple[str, str, str], str] = field(default_factory=dict)
    claims: dict[str, list[ClaimView]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def new_id(self, prefix: str) -> str:
        self.count += 1
        return typed_id(prefix, self.count.to_bytes(16, "big"))

    def refer(self, key: str) -> str:
        return self.names[key if ":" in key else f"own:{self.world.namespace}:{key}"]

    def begin(self) -> None:
        """Register the organisations, each by itself."""
        for house in self.world.houses:
            party = self.new_id("party")
            self.names.update(dict.fromkeys(house.codes, party))
            facts = [PartyRegistered(party=party, kind=PartyKind.ORGANISATION)]
            self.record(house.key, [*facts, PartyNamed(party=party, name=house.names[-1], codes=house.codes)])

    def take_in(self) -> None:
        for organisation, files in self.world.families():
            context = csvfamily.Context(
                sender=self.refer(organisation),
                namespace=self.world.namespace,
                now=self.world.now,
                new_id=self.new_id,
                lookup=self.names.get,
                define=lambda code, kind="": self.names.get(code),
                claims_of=lambda subject: self.claims.get(subject, []),
            )
            self._family(organisation, files, context)

    def _family(self, organisation: str, files: Sequence[Delivery], context: csvfamily.Context) -> None:
        data = {file.name: self.world.files[file.name] for file in files}
        if files[0].kind in TABLES:
            read = csvfamily.read_family(data, context)
        elif files[0].kind == "ern":
            read = ern.read_messages(data, context)
        elif files[0].kind == "more":
            resolver = more.Resolver(
                refer=self.refer, link_of=self.link_of, new_id=self.new_id, sender=self.refer(organisation)
            )
            self.record(organisation, more.read(data[files[0].name], resolver))
            return
        else:
            return
        self.findings += read.findings
        self.record(organisation, read.facts)

    def link_of(self, left: str, relation: str, right: str) -> str:
        start = left if relation == "identifies" else self.refer(left)
        return self.links[start, relation, self.refer(right)]

    def record(self, organisation: str, facts: Sequence[Any]) -> None:
        capacity = next(house.capacity for house in self.world.houses if house.key == organisation)
        for fact in facts:
            speaker = _speaker(fact)
            recorded = Recorded(
                len(self.facts),
                f"fact-{len(self.facts)}",
                self.refer(organisation),
                capacity,
                self.world.now,
                fact,
                self.keys.get(speaker, ""),
            )
            self.facts.append(recorded)
            self._remember(recorded)

    def _remember(self, recorded: Recorded[Any]) -> None:
        match recorded.fact:
            case LinkAsserted(link=link, left=left, relation=relation, right=right):
                self.links.setdefault((left, relation.value, right), link)
                if relation is Relation.IDENTIFIES:
                    self.names.setdefault(left, right)
            case PartyNamed(party=party, codes=codes):
                for code in codes:
                    self.names.setdefault(code, party)
            case PartyKeyRegistered(party=party, key=key):
                self.keys[party] = key
            case ShareClaimed(subject=subject):
                self.claims.setdefault(subject, []).append(ClaimView(recorded))

    def rights(self) -> Rights:
        registry = Registry.fold(self.facts)
        mandates = Mandates.fold(self.facts, registry=registry)
        return Rights(registry, mandates, Standings.fold(self.facts, registry=registry, mandates=mandates))

    def rows(self) -> tuple[Row, ...]:
        name = "mirinae/manifest.csv"
        return csvfamily.read_manifest(self.world.files[name], file=name, namespace=self.world.namespace).rows

    def request(self, asked: Asked, *, later: int = 0) -> Request:
        return Request(
            use=asked.use,
            licensee=self.refer(asked.licensee),
            territories=asked.territories,
            at=self.world.now + later,
            size=len(self.facts),
            licensee_classes=asked.licensee_classes,
            model_version=asked.model_version,
            offer=asked.offer,
            attribution=asked.attribution,
            label=asked.label,
        )


def _speaker(fact: Any) -> str:
    """Return whose account signs a fact."""
    match fact:
        case StatementMade(speaker=speaker):
            return str(speaker)
        case DelegationGranted(principal=principal):
            return str(principal)
        case HoldersDeclaredComplete(signed_by=signer):
            return str(signer)
        case _:
            return ""


@pytest.fixture(scope="module")
def books() -> Books:
    found = Books(sample.generate(1, scale=SCALE))
    found.begin()
    found.take_in()
    return found


def answers(books: Books, rights: Rights, asked: Asked, *, later: int = 0) -> list[Answer]:
    request = books.request(asked, later=later)
    return [decide(row, request, rights=rights) for row in books.rows()]


def test_exactly_the_planted_rows_are_refused(books: Books) -> None:
    refused = {(f.file, f.line) for f in books.findings if f.severity is Severity.ERROR and f.file.endswith(".csv")}
    kinds = {delivery.name: delivery.kind for delivery in books.world.deliveries}
    planted = {(bad.file, bad.line) for bad in books.world.bad_rows if bad.refused and kinds[bad.file] in TABLES}
    assert refused == planted


def test_every_planted_row_is_found_in_its_column(books: Books) -> None:
    found = {(finding.file, finding.line, finding.field) for finding in books.findings}
    kinds = {delivery.name: delivery.kind for delivery in books.world.deliveries}
    for bad in books.world.bad_rows:
        if kinds[bad.file] in TABLES:
            assert (bad.file, bad.line, bad.column) in found, bad


def test_messages_are_taken_without_an_error(books: Books) -> None:
    assert [str(f) for f in books.findings if f.file.endswith(".xml") and f.severity is Severity.ERROR] == []


def test_all_statuses_occur_in_interesting_numbers(books: Books) -> None:
    given = answers(books, books.rights(), books.world.requests[0])
    share = {status: 100 * count // len(given) for status, count in Counter(a.status for a in given).items()}
    assert set(share) == set(Status)
    assert 25 <= share[Status.CLEARED] <= 60
    assert share[Status.DENIED] >= 4
    assert share[Status.LICENSABLE] >= 4
    assert 15 <= share[Status.UNKNOWN] <= 45


def test_a_reason_of_every_kind_is_given(books: Books) -> None:
    given = answers(books, books.rights(), books.world.requests[0])
    codes = {reason.code for answer in given if answer.status is not Status.CLEARED for reason in answer.reasons}
    # Only a request for somebody's voice, likeness or style can lack the person; the smallest messes may miss the
    # manifest of a small world. Nobody in the sample world sets an outside signal.
    rare = {ReasonCode.NO_PERSON_NAMED, ReasonCode.CONDITION_UNMET, ReasonCode.CONDITION_UNKNOWN}
    rare |= {ReasonCode.SIGNAL_REFUSES}
    assert codes >= set(ReasonCode) - rare - {ReasonCode.UNREACHABLE, ReasonCode.SAMPLE_UNKNOWN}


def test_the_story_is_cleared_for_both_developers_until_she_takes_it_back(books: Books) -> None:
    rights = books.rights()
    for asked in books.world.requests:
        own = answers(books, rights, asked)[: story.WORKS]
        assert {answer.status for answer in own} == {Status.CLEARED}
    artist = books.refer(story.ARTIST)
    said = next(
        recorded.fact
        for recorded in books.facts
        if isinstance(recorded.fact, StatementMade)
        and recorded.fact.party == artist
        and recorded.fact.scope.kind is ScopeKind.PRESENT_WORKS
    )
    after = replace(books, facts=list(books.facts))
    after.record("org-yeonju", [StatementWithdrawn(statement=said.statement, at=books.world.now + DAY)])
    for asked in books.world.requests:
        own = answers(after, after.rights(), asked, later=2 * DAY)[: story.WORKS]
        assert {answer.status for answer in own} == {Status.UNKNOWN}


def test_a_yes_without_a_key_has_no_effect(books: Books) -> None:
    without = books.rights().standings.without_effect
    assert "unsigned" in {str(one.reason) for one in without}
