"""What was taken back names nothing when the next file is read, and is asserted anew where the file says it again."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from tests.unit.app.money_world import R1

from cantoria.app.cases import Decision, decide, open_cases
from cantoria.app.code_book import CodeBook
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import ClaimId, LinkId, PartyId
from cantoria.registry import Relation, Right, Role
from cantoria.registry.facts import LinkAsserted, ShareClaimed
from cantoria.registry.trade_facts import LinkWithdrawn

OTHER = "own:BLUE:R1"


def assert_other(world: Any, link: str, author: Any) -> None:
    fact = LinkAsserted(
        link=LinkId(link),
        left=OTHER,
        relation=Relation.IDENTIFIES,
        right=world.ids["r1"],
        asserted_by=author.party,
    )
    world.record(fact, author=author)
    world.house.index.catch_up()


@pytest.mark.parametrize("preload", [False, True])
def test_a_code_names_what_stands(money: Any, preload: bool) -> None:
    edge = (OTHER, Relation.IDENTIFIES, money.ids["r1"])
    for author in (money.label, money.society):
        assert_other(money, f"link_{author.name}", author)
    assert CodeBook(money.house, preload=preload).links_between(*edge) == ["link_label", "link_society"]
    money.record(LinkWithdrawn(link=LinkId("link_label")), author=money.society)
    money.house.index.catch_up()
    assert len(CodeBook(money.house, preload=preload).links_between(*edge)) == 2, "it is not theirs to take back"
    money.record(LinkWithdrawn(link=LinkId("link_label")), author=money.label)
    money.house.index.catch_up()
    book = CodeBook(money.house, preload=preload)
    assert book.links_between(*edge) == ["link_society"]
    assert book.lookup(OTHER) == money.ids["r1"]
    money.record(LinkWithdrawn(link=LinkId("link_society")), author=money.society)
    money.house.index.catch_up()
    book = CodeBook(money.house, preload=preload)
    assert (book.links_between(*edge), book.lookup(OTHER), book.names(OTHER)) == ([], None, [])
    assert book.lookup(R1) == money.ids["r1"]
    assert_other(money, "link_label", money.label)
    book = CodeBook(money.house, preload=preload)
    assert (book.links_between(*edge), book.lookup(OTHER)) == (["link_label"], money.ids["r1"])


def test_a_claim_that_a_register_let_fall_does_not_count_when_the_next_file_is_read(money: Any) -> None:
    office = money.house.admit("office", capacities=[Capacity.REGISTRAR])
    claim = ClaimId("claim_of_cy")
    fact = ShareClaimed(
        claim=claim,
        subject=money.ids["w1"],
        party=PartyId(money.ids["cy"]),
        role=Role.COMPOSER,
        right=Right.PERFORMING,
        share=Fraction(1),
    )
    money.record(fact, author=money.label)
    (case,) = open_cases(money.house)
    decide(money.house, case, Decision(outcome="no proof", falls=(claim,)), author=office)
    money.house.index.catch_up()
    claims = {one.fact.claim: one for one in CodeBook(money.house).claims_of(money.ids["w1"])}
    assert not claims[claim].in_force(0)
    assert sum(one.in_force(0) for one in claims.values()) == 1
