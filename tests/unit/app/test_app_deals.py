"""A blanket deal in a house: the label's own yes beside it, reports with their source, contests, and its end."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.app.money_world import R1, R2, R3

from cantoria.app import deals, rights
from cantoria.app.clearing import answer_row
from cantoria.app.deals import Ending, Offer
from cantoria.app.rights import RIGHTS_TAGS
from cantoria.app.saying import Saying, say
from cantoria.clearance import Cleared, Request, Row
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import Scope, ScopeKind, Verdict
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId
from cantoria.kernel.uses import Use
from cantoria.licensing import DealState
from cantoria.registry import Role

USES = frozenset({Use.TRAIN_GENERATIVE})


def offer(world: Any, **change: Any) -> Offer:
    fields: dict[str, Any] = {
        "label": world.label.party,
        "licensee": world.lab.party,
        "uses": USES,
        "scopes": (Scope(ScopeKind.PRESENT_WORKS),),
        "by_label": True,
        **change,
    }
    return Offer(**fields)


def ask(world: Any, code: str = R1) -> Any:
    request = Request(
        use=Use.TRAIN_GENERATIVE,
        licensee=world.lab.party,
        territories="KR",
        at=world.house.clock.now(),
        size=world.house.index.catch_up(),
    )
    return answer_row(world.house, Row(1, (code,)), request)


def agree(world: Any, name: str) -> None:
    """Say yes for a person through a house that keeps no key: a guardian's or agent's way would be longer."""
    world.house.vault.add([(world.ids[name], bytes([len(name)]) * 32)])
    key = world.house.vault.public_key(world.ids[name])
    world.record(rights.registry_facts.PartyKeyRegistered(party=PartyId(world.ids[name]), key=key))
    said = Saying(
        party=PartyId(world.ids[name]),
        verdict=Verdict.YES,
        uses=USES,
        scope=Scope(ScopeKind.PRESENT_WORKS),
    )
    say(world.house, said, author=world.society)


def test_the_labels_deal_is_its_yes_and_nobody_elses(money: Any) -> None:
    before = ask(money)
    assert set(before.missing) == {money.ids["ana"], money.label.party}
    receipts = deals.register(money.house, offer(money), author=money.label)
    deal, yes = (receipt.fact for receipt in receipts)
    assert (deal.statements, deal.asserted_by) == ((yes.statement,), money.label.party)
    assert (yes.party, yes.speaker, yes.verdict, yes.licensee.id) == (*[money.label.party] * 2, "yes", money.lab.party)
    after = ask(money)
    assert not isinstance(after, Cleared)
    assert set(after.missing) == {money.ids["ana"]}
    agree(money, "ana")
    assert isinstance(ask(money), Cleared)
    (found,) = deals.touching(money.house, [R1])
    assert (found.own_word, found.state(money.house.clock.now())) == (True, DealState.IN_FORCE)
    deals.end(money.house, Ending(deal=deal.deal, by=money.lab.party), author=money.lab)
    assert isinstance(ask(money), Cleared), "the developer ends the deal, and takes back nobody's yes"
    deals.end(money.house, Ending(deal=deal.deal, by=money.label.party), author=money.label)
    assert set(ask(money).missing) == {money.label.party}
    (ended,) = deals.touching(money.house, [R1])
    assert ended.state(money.house.clock.now()) is DealState.ENDED


def test_a_report_says_nothing_for_the_label(money: Any) -> None:
    with pytest.raises(InputError, match="source"):
        deals.register(money.house, offer(money, by_label=False), author=money.society)
    reported = offer(money, by_label=False, evidence="https://press.example/deal")
    (receipt,) = deals.register(money.house, reported, author=money.society)
    assert set(ask(money).missing) == {money.ids["ana"], money.label.party}
    (found,) = deals.touching(money.house, [money.ids["r1"]])
    assert (found.own_word, found.fact.evidence) == (False, "https://press.example/deal")
    assert deals.touching(money.house, [R3]) == ()
    line = deals.lines(money.house, [found])[0]
    assert "train_generative" in line
    assert "every other holder" in line
    assert receipt.fact.TYPE.tag not in RIGHTS_TAGS


def test_nobody_registers_the_labels_word_for_it(money: Any) -> None:
    with pytest.raises(InputError, match="has not said so"):
        deals.register(money.house, offer(money), author=money.society)
    assert list(money.house.index.scan(tags=[StatementMade.TYPE.tag])) == []


def test_a_label_that_holds_another_role_says_its_yes_itself(money: Any) -> None:
    money.share("w1", "blue", Role.PUBLISHER)
    with pytest.raises(InputError, match="another role"):
        deals.register(money.house, offer(money), author=money.label)
    (only,) = deals.register(money.house, offer(money, yes=False), author=money.label)
    assert only.fact.statements == ()
    elsewhere = offer(money, scopes=(Scope(ScopeKind.RECORDING, money.ids["r2"]),))
    assert len(deals.register(money.house, elsewhere, author=money.label)) == 2


@pytest.mark.parametrize("scopes", [(), (Scope(ScopeKind.WORK, "work_1"),)])
def test_a_deal_over_works_is_refused(money: Any, scopes: Any) -> None:
    with pytest.raises(InputError, match="blanket deal speaks of recordings"):
        deals.register(money.house, offer(money, scopes=scopes, yes=False), author=money.label)


def test_a_contest_is_shown_wherever_the_deal_is(money: Any) -> None:
    receipts = deals.register(money.house, offer(money), author=money.label)
    name = receipts[0].fact.deal
    deals.contest(money.house, name, by=money.society.party, reason="not for our members", author=money.society)
    deals.contest(money.house, name, by=PartyId(money.ids["cy"]), reason="nor for me", author=money.society)
    for found in (
        *deals.touching(money.house, [R1]),
        *deals.touching(money.house, [R2]),
        *deals.load(money.house).all(),
    ):
        assert [one.concerned for one in found.contests] == [False, False]
        assert "not for our members" in deals.lines(money.house, [found])[0]
    agree(money, "ana")
    assert isinstance(ask(money), Cleared), "a contest is shown; it takes no yes back"
    with pytest.raises(InputError, match="no deal"):
        deals.contest(money.house, "deal_none", by=money.society.party, reason="x", author=money.society)


def test_a_contest_by_a_holder_is_told_as_such(money: Any) -> None:
    name = deals.register(money.house, offer(money), author=money.label)[0].fact.deal
    agree(money, "ana")
    deals.contest(money.house, name, by=PartyId(money.ids["ana"]), reason="ask me", author=money.society)
    assert [one.concerned for one in deals.touching(money.house, [R1])[0].contests] == [True]
    assert [one.concerned for one in deals.load(money.house).of(name)[0].contests] == [True]


def test_only_those_concerned_end_a_deal_and_only_the_labels_own_yes_goes_with_it(money: Any) -> None:
    agree(money, "ana")
    money.house.index.catch_up()
    (statement,) = [said.fact.statement for said in money.house.index.scan(tags=[StatementMade.TYPE.tag])]
    name = deals.register(money.house, offer(money, yes=False), author=money.label)[0].fact.deal
    found = deals.load(money.house).of(name)
    stranger = money.house.author("society", capacity=Capacity.CMO)
    with pytest.raises(InputError, match="ends it"):
        deals.end(money.house, Ending(deal=name, by=stranger.party), author=stranger)
    forged = deals.DealId("deal_forged")
    fact = deals.BlanketDealRegistered(
        deal=forged,
        label=money.label.party,
        licensee=money.lab.party,
        uses=USES,
        scopes=found[0].fact.scopes,
        asserted_by=money.society.party,
        by_label=True,
        statements=(statement,),
    )
    money.record(fact)
    money.record(fact, author=money.label)
    (receipt,) = deals.end(money.house, Ending(deal=forged, by=money.label.party), author=money.label)
    assert receipt.fact.TYPE.name == "deal-ended", "another's yes is not taken back by the end of a deal"
