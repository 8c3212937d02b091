"""Disputed money waits in escrow until its case is decided, to the last fine unit; and what a case looks like."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from tests.unit.app.money_world import R1, R2

from cantoria.app import cases, waiting
from cantoria.app.cases import Answer, Decision
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import CaseId, ClaimId, LinkId, PartyId
from cantoria.registry import Case, CaseKind, Relation, Right, Role, Side, Stage, Tier
from cantoria.registry import facts as registry
from cantoria.registry.conflict_facts import Stance
from cantoria.registry.trade_facts import ChainAsserted, LinkWithdrawn

EURO = 100_000_000  # fine units
ESCROW = "suspense:disputed"


@pytest.fixture
def world(money: Any) -> Any:
    """R1 and R2 were trained on for 1,000 EUR, of which a tenth is the training pool: 50 EUR for each of two works,
    half of it for the work, half for the recording."""
    money.train(R1, R2)
    money.revenue("1000.00")
    money.house.admit("office", capacities=[Capacity.REGISTRAR])
    money.office = money.house.author("office")
    return money


def own(world: Any) -> dict[str, int]:
    """What holders and escrow have; the developer's side of it is left out."""
    return {name: fine for name, fine in world.balances().items() if name in (*world.ids, ESCROW) or "susp" in name}


WHOLE = {"ana": 25 * EURO, "blue": 50 * EURO, "bo": 25 * EURO}


def only_case(world: Any) -> Case:
    (case,) = cases.open_cases(world.house)
    return case


def overclaim(world: Any) -> str:
    """The label claims all of Ana's work for Cy."""
    claim = ClaimId(world.house.ids.new("claim"))
    world.record(
        registry.ShareClaimed(
            claim=claim,
            subject=world.ids["w1"],
            party=PartyId(world.ids["cy"]),
            role=Role.COMPOSER,
            right=Right.PERFORMING,
            share=Fraction(1),
        ),
        author=world.label,
    )
    return claim


def test_money_without_conflicts_reaches_its_holders(world: Any) -> None:
    world.distribute()
    assert own(world) == WHOLE
    assert cases.open_cases(world.house) == ()
    assert cases.statistics(world.house) == cases.Statistics((), {})


def test_an_over_claim_waits_in_escrow_until_it_is_decided(world: Any) -> None:
    claim = overclaim(world)
    world.distribute()
    assert own(world) == {"blue": 50 * EURO, "bo": 25 * EURO, ESCROW: 25 * EURO}
    case = only_case(world)
    assert (case.kind, case.subject, case.blocks) == (CaseKind.SHARES_ABOVE_WHOLE, world.ids["w1"], True)
    (row,) = cases.statistics(world.house).rows
    assert (row.waiting, row.cases, row.blocked, row.next_actor) == ({"EUR": 25 * EURO}, 1, 1, world.label.party)
    cases.decide(world.house, case, Decision(outcome="came later", falls=(claim,)), author=world.office)
    assert cases.open_cases(world.house) == ()
    assert own(world)[ESCROW] == 25 * EURO, "it moves with the next distribution"
    assert cases.statistics(world.house).elsewhere == {"EUR": 25 * EURO}
    controls = world.distribute().runs["training"].controls
    assert (controls.suspense, controls.holders) == (0, 100 * EURO)
    assert own(world) == WHOLE
    assert not world.distribute().runs["training"].postings


def chained(world: Any, grantor: str, **more: Any) -> None:
    """Bo wrote half of his work, Cy publishes the rest; a link of the chain of title is on record."""
    for claim in world.claims.pop(("w2", Side.WORK)):
        world.record(registry.ClaimWithdrawn(claim=ClaimId(claim), at=0))
    world.share("w2", "bo", Role.COMPOSER, right=Right.PERFORMING, share="1/2")
    world.share("w2", "cy", Role.PUBLISHER, right=Right.PERFORMING, share="1/2")
    world.complete("w2", Side.WORK)
    world.record(
        ChainAsserted(
            chain="chain_1", subject=world.ids["w2"], grantor=grantor, acquirer=PartyId(world.ids["cy"]), **more
        )
    )


def test_a_chain_that_bears_the_claim_out_holds_nothing_up(world: Any) -> None:
    chained(world, world.ids["bo"])
    world.distribute()
    assert own(world) == {"ana": 25 * EURO, "blue": 50 * EURO, "bo": 12 * EURO + EURO // 2, "cy": 12 * EURO + EURO // 2}


def test_a_broken_chain_waits_in_escrow_until_it_is_decided(world: Any) -> None:
    chained(world, "")
    world.distribute()
    assert own(world) == {"ana": 25 * EURO, "blue": 50 * EURO, ESCROW: 25 * EURO}
    case = only_case(world)
    assert (case.kind, case.blocks) == (CaseKind.CHAIN_BROKEN, True)
    (claim,) = case.about
    with pytest.raises(InputError, match="only by a chain"):
        cases.decide(world.house, case, Decision(outcome="x", stands=(claim,)), author=world.office)
    decision = Decision(outcome="the contract was shown", stands=(claim,), grantor=world.ids["bo"])
    cases.decide(world.house, case, decision, author=world.office)
    assert cases.open_cases(world.house) == ()
    world.distribute()
    assert own(world) == {"ana": 25 * EURO, "blue": 50 * EURO, "bo": 12 * EURO + EURO // 2, "cy": 12 * EURO + EURO // 2}


def test_a_chain_broken_elsewhere_holds_nothing_up_here(world: Any) -> None:
    chained(world, world.ids["bo"], territory="0410")
    world.distribute()
    assert ESCROW not in own(world), "the tariff is for 0410"
    assert only_case(world).blocks


def embodies(world: Any) -> str:
    (link,) = [
        said.fact.link
        for said in world.house.index.about([world.ids["r1"]], tags=[registry.LinkAsserted.TYPE.tag])
        if said.fact.relation is Relation.EMBODIES
    ]
    return str(link)


@pytest.mark.parametrize("falls", [False, True])
def test_a_disputed_link_waits_in_escrow_until_it_is_decided(world: Any, falls: bool) -> None:
    link = embodies(world)
    world.record(
        registry.LinkReviewed(link=LinkId(link), agreed=False, reviewed_by=world.label.party, reason="a cover"),
        author=world.label,
    )
    world.distribute()
    assert own(world) == {"blue": 50 * EURO, "bo": 25 * EURO, ESCROW: 25 * EURO}
    case = only_case(world)
    assert (case.kind, case.about, case.subject) == (CaseKind.LINK_DISPUTED, (link,), world.ids["r1"])
    side = {"falls": (link,)} if falls else {"stands": (link,)}
    cases.decide(world.house, case, Decision(outcome="compared", **side), author=world.office)
    assert cases.open_cases(world.house) == ()
    world.distribute()
    moved = {"suspense:incomplete": 25 * EURO} if falls else {"ana": 25 * EURO}
    assert own(world) == {"blue": 50 * EURO, "bo": 25 * EURO, **moved}


def test_disputed_holders_wait_in_escrow_until_a_register_decides(world: Any) -> None:
    dispute = registry.DisputeOpened(
        case=CaseId("case_1"),
        subject=world.ids["w1"],
        side=Side.WORK,
        opened_by=world.label.party,
        tier=Tier.DOCUMENTED,
        reason="written in our studio",
        next_actor=world.society.party,
        due_at=2**50,
    )
    world.record(dispute, author=world.label)
    world.distribute()
    assert own(world) == {"blue": 50 * EURO, "bo": 25 * EURO, ESCROW: 25 * EURO}
    case = only_case(world)
    (row,) = cases.statistics(world.house).rows
    assert (row.kind, row.waiting) == (CaseKind.CLAIM_DISPUTED, {"EUR": 25 * EURO})
    cases.decide(world.house, case, Decision(outcome="no proof", stands=case.about), author=world.office)
    assert cases.open_cases(world.house) == ()
    world.distribute()
    assert own(world) == WHOLE


def test_a_code_of_two_recordings_waits_under_the_code(world: Any) -> None:
    link = LinkId(world.house.ids.new("link"))
    world.record(
        registry.LinkAsserted(
            link=link, left=R1, relation=Relation.IDENTIFIES, right=world.ids["r3"], asserted_by=world.label.party
        ),
        author=world.label,
    )
    world.distribute()
    assert waiting.disputed(world.house) == {R1: {"EUR": 50 * EURO}}
    (row,) = cases.statistics(world.house).rows
    assert (row.kind, row.waiting) == (CaseKind.CODE_SHARED, {"EUR": 50 * EURO})
    case = only_case(world)
    cases.decide(world.house, case, Decision(outcome="mistyped", falls=(link,)), author=world.office)
    world.distribute()
    assert own(world) == WHOLE


def test_a_link_taken_back_by_who_said_it_releases_the_money(world: Any) -> None:
    link = LinkId(world.house.ids.new("link"))
    second = registry.LinkAsserted(
        link=link, left=R1, relation=Relation.IDENTIFIES, right=world.ids["r3"], asserted_by=world.label.party
    )
    world.record(second, author=world.label)
    world.distribute()
    assert own(world)[ESCROW] == 50 * EURO
    world.record(LinkWithdrawn(link=link, reason="mistyped"), author=world.label)
    world.distribute()
    assert own(world) == WHOLE


def test_a_case_is_found_answered_and_escalated(world: Any) -> None:
    overclaim(world)
    case = only_case(world)
    assert cases.open_cases(world.house, subjects=[R1]) == (case,), "what the recording carries with it"
    assert cases.open_cases(world.house, subjects=[R2]) == ()
    assert cases.find(world.house, case.case, subject=world.ids["w1"]) == case
    said = Answer(party=world.label.party, stance=Stance.UPHOLD, text="contract of 2024", files=(b"scan",))
    (receipt,) = cases.answer(world.house, case, said, author=world.label)
    assert world.house.attachments.get(receipt.fact.attachments[0]) == b"scan"
    moved = cases.find(world.house, case.case)
    assert (moved.stage, moved.next_actor) == (Stage.OTHERS, world.society.party)
    cases.escalate(world.house, moved, reason="nobody answers", author=world.label)
    assert cases.find(world.house, case.case).stage is Stage.SOCIETIES
    with pytest.raises(InputError, match="no open case"):
        cases.find(world.house, "case_none")


def test_a_claim_that_is_released_is_withdrawn_with_the_answer(world: Any) -> None:
    claim = overclaim(world)
    world.distribute()
    case = only_case(world)
    said = Answer(party=world.label.party, stance=Stance.RELEASE, withdraw=(claim,))
    with pytest.raises(InputError, match="no claim or link of society"):
        cases.answer(world.house, case, said, author=world.society)
    upheld = Answer(party=world.label.party, stance=Stance.UPHOLD, withdraw=(claim,))
    with pytest.raises(InputError, match="not withdrawn"):
        cases.answer(world.house, case, upheld, author=world.label)
    assert len(cases.answer(world.house, case, said, author=world.label)) == 2
    assert cases.open_cases(world.house) == ()
    world.distribute()
    assert own(world) == WHOLE


def test_a_link_that_is_released_is_taken_back_with_the_answer(world: Any) -> None:
    link = LinkId(world.house.ids.new("link"))
    second = registry.LinkAsserted(
        link=link, left=R1, relation=Relation.IDENTIFIES, right=world.ids["r3"], asserted_by=world.label.party
    )
    world.record(second, author=world.label)
    case = only_case(world)
    assert (case.kind, case.next_actor) == (CaseKind.CODE_SHARED, world.label.party)
    said = Answer(party=world.label.party, stance=Stance.RELEASE, text="mistyped", withdraw=(link,))
    cases.answer(world.house, case, said, author=world.label)
    assert cases.open_cases(world.house) == ()


def test_a_decision_that_could_have_no_effect_is_refused(world: Any) -> None:
    claim = overclaim(world)
    case = only_case(world)
    decision = Decision(outcome="mine", falls=(claim,))
    with pytest.raises(InputError, match="only a register"):
        cases.decide(world.house, case, decision, author=world.label)
    mine = world.house.author("society", capacity=Capacity.REGISTRAR)
    with pytest.raises(InputError, match="own favour"):
        cases.decide(world.house, case, decision, author=mine)
    with pytest.raises(InputError, match="not about claim_x"):
        cases.decide(world.house, case, Decision(outcome="x", falls=("claim_x",)), author=world.office)
    both = Decision(outcome="x", falls=(claim,), stands=(claim,))
    with pytest.raises(InputError, match="both stands and falls"):
        cases.decide(world.house, case, both, author=world.office)
    assert only_case(world) == case
