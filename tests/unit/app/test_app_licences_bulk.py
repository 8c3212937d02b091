"""Five thousand holders asked in one request: once each, however often it is cut off, and settled as they answer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cantoria.app import accounts, licence_answering, licence_asking, licences, price_lists
from cantoria.app.licence_answering import Answer
from cantoria.app.licence_asking import Wish
from cantoria.app.ports import Author
from cantoria.app.price_lists import Line, Sheet
from cantoria.bootstrap.house import WiredHouse
from cantoria.clearance.types import Request, Row, Status
from cantoria.consent.types import Scope, ScopeKind
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import ClaimId, LinkId, PartyId, RecordingId, WorkId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, Period
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_facts import Stance
from cantoria.licensing.offers import SCOPES_MAX, Price
from cantoria.licensing.standard_terms import STANDARD
from cantoria.registry import facts as registry
from cantoria.registry.types import PartyKind, Relation, Role, Side

HOLDERS = 5_000
PRICE = Money.parse("0.05", "EUR")


def code(number: int) -> str:
    return f"isrc:KRA38{number:07d}"


def build(house: WiredHouse, society: Author, label: Author) -> list[str]:
    """Each performer has one recording that the label produced; all of them are of one work. Return the performers."""
    writer = PartyId(house.ids.new("party"))
    facts: list[Fact] = [
        registry.PartyRegistered(party=writer, kind=PartyKind.PERSON),
        registry.PartyRegistered(party=label.party, kind=PartyKind.ORGANISATION),
    ]
    work = WorkId(house.ids.new("work"))
    claim = ClaimId(house.ids.new("claim"))
    facts += [
        registry.WorkRegistered(work=work, title="Song"),
        registry.ShareClaimed(claim=claim, subject=work, party=writer, role=Role.COMPOSER),
        registry.HoldersDeclaredComplete(subject=work, side=Side.WORK, signed_by=society.party, claims=(claim,)),
    ]
    performers, complete = [], []
    for number in range(HOLDERS):
        party = PartyId(house.ids.new("party"))
        recording = RecordingId(house.ids.new("recording"))
        claims = [ClaimId(house.ids.new("claim")) for _ in range(2)]
        performers.append(str(party))
        facts += [
            registry.PartyRegistered(party=party, kind=PartyKind.PERSON),
            registry.RecordingRegistered(recording=recording, title="Song"),
            link(house, society, code(number), Relation.IDENTIFIES, recording),
            link(house, society, recording, Relation.EMBODIES, work),
            registry.ShareClaimed(claim=claims[0], subject=recording, party=party, role=Role.FEATURED_PERFORMER),
            registry.ShareClaimed(claim=claims[1], subject=recording, party=label.party, role=Role.PRODUCER),
        ]
        complete.append(
            registry.HoldersDeclaredComplete(
                subject=recording, side=Side.RECORDING, signed_by=label.party, claims=tuple(claims)
            )
        )
    house.journal.record(facts, author=society)
    house.journal.record(complete, author=label)
    accounts.open_accounts(house, [writer, *performers], author=society)
    return [str(writer), *performers]


def link(house: WiredHouse, by: Author, left: str, relation: Relation, right: str) -> Fact:
    return registry.LinkAsserted(
        link=LinkId(house.ids.new("link")), left=left, relation=relation, right=right, asserted_by=by.party
    )


def wish_for(house: WiredHouse, lab: Author) -> Wish:
    now = house.clock.now()
    return Wish(
        key="bulk",
        rows=[Row(number + 1, (code(number),)) for number in range(HOLDERS)],
        request=Request(
            use=Use.TRAIN_GENERATIVE,
            licensee=lab.party,
            territories="0410",
            at=now,
            size=house.index.catch_up(),
            model_version="1",
        ),
        terms=STANDARD[0],
        period=Period(now, now + 1000 * DAY),
        expires_at=now + 30 * DAY,
        price=Price(PRICE),
    )


class CutOffError(Exception):
    """The power fails."""


def publish(house: WiredHouse, society: Author, party: str) -> None:
    line = Line(uses=frozenset({Use.TRAIN_GENERATIVE}), price=PRICE, scope=Scope(ScopeKind.PRESENT_WORKS))
    sheet = Sheet(holder=PartyId(party), terms=STANDARD[0], lines=(line,))
    price_lists.publish(house, sheet, author=society)


def test_licence_bulk_of_five_thousand_holders(house: WiredHouse, society: Author, label: Author, lab: Author) -> None:
    writer, *performers = build(house, society, label)
    for party in performers[:3]:
        publish(house, society, party)

    def failing(done: int, of: int) -> None:
        assert of == HOLDERS - 3 + 3 + 3 + 3  # performers, prices, the writer's and the label's things in parts
        if done > HOLDERS // 2:
            raise CutOffError

    with pytest.raises(CutOffError):
        licence_asking.request(house, wish_for(house, lab), author=lab, step=failing)
    house.index.catch_up()
    before = len(list(house.index.scan(tags=[354])))
    assert HOLDERS // 2 < before < HOLDERS
    steps: list[Any] = []
    done = licence_asking.request(house, wish_for(house, lab), author=lab, step=lambda *step: steps.append(step))
    shelf = licences.load(house)
    mine = shelf.of(done.plan.request)
    asked = Counter((one.offer.holder, scope) for one in mine for scope in one.offer.scopes)
    assert len(asked) == 3 * HOLDERS
    assert set(asked.values()) == {1}
    assert max(len(one.offer.scopes) for one in mine) == SCOPES_MAX
    assert steps[-1][0] == steps[-1][1] == len(mine) - done.plan.asked_before
    assert Counter(one.state(house.clock.now()).value for one in mine) == {"concluded": 3, "open": len(mine) - 3}
    answer_some(house, society, label, done.plan.request, [writer, *performers[3:20]])
    counts = {one.status: one.rows for one in licence_asking.status_now(house, licences.load(house), done.plan.request)}
    assert counts == {Status.CLEARED: 20, Status.UNKNOWN: HOLDERS - 20}


def answer_some(house: WiredHouse, society: Author, label: Author, name: str, people: list[str]) -> None:
    """The label and the writer answer all their parts in one step each, the performers one by one."""
    licence_answering.answer(house, [name], Answer(by=label.party, stance=Stance.ACCEPT), author=label)
    for party in people:
        licence_answering.answer(house, [name], Answer(by=PartyId(party), stance=Stance.ACCEPT), author=society)
