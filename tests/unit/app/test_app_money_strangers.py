"""No word of a stranger about what is what moves money from its holders to others: at the most it waits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from tests.unit.app.money_world import R1

from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import LinkId
from cantoria.registry import PartyKind, Relation, Right, Role, Side
from cantoria.registry import facts as registry

EURO = 100_000_000  # fine units
R4 = "isrc:KRA381900124"
ESCROW = "suspense:disputed"


@pytest.fixture
def world(money: Any) -> Any:
    """As in the tests of cases: 50 EUR for each of R1 and R4, half of it for the work, half for the recording. Two
    members that have nothing to do with them have a recording and a work of their own, with complete holders, younger
    than R1 and older than R4."""
    house = money.house
    money.evil, money.accomplice = (
        house.admit(name, capacities=(Capacity.PRODUCER, Capacity.PUBLISHER)) for name in ("evil", "accomplice")
    )
    work, take = money.new("we", "work"), money.new("re", "recording")
    evil = money.evil.party
    money.ids["evil"] = evil
    claims = [house.ids.new("claim") for _ in range(4)]
    money.record(
        registry.PartyRegistered(party=evil, kind=PartyKind.ORGANISATION),
        registry.WorkRegistered(work=work, title="Theirs"),
        registry.RecordingRegistered(recording=take, title="Theirs"),
        registry.ShareClaimed(
            claim=claims[0], subject=work, party=evil, role=Role.COMPOSER, right=Right.PERFORMING, share=Fraction(1)
        ),
        registry.ShareClaimed(claim=claims[1], subject=work, party=evil, role=Role.PUBLISHER),
        registry.ShareClaimed(
            claim=claims[2], subject=take, party=evil, role=Role.PRODUCER, right=Right.NEIGHBOURING, share=Fraction(1)
        ),
        registry.ShareClaimed(claim=claims[3], subject=take, party=evil, role=Role.FEATURED_PERFORMER),
        registry.HoldersDeclaredComplete(subject=work, side=Side.WORK, signed_by=evil, claims=tuple(claims[:2])),
        registry.HoldersDeclaredComplete(subject=take, side=Side.RECORDING, signed_by=evil, claims=tuple(claims[2:])),
        author=money.evil,
    )
    link(money, money.evil, take, Relation.EMBODIES, work)
    _newer(money)
    money.train(R1, R4)
    money.revenue("1000.00")
    return money


def _newer(money: Any) -> None:
    """Cy's recording R4 of Cy's work."""
    work, take = money.new("w4", "work"), money.new("r4", "recording")
    money.record(
        registry.WorkRegistered(work=work, title="Song 4"), registry.RecordingRegistered(recording=take, title="Song 4")
    )
    link(money, money.society, R4, Relation.IDENTIFIES, take)
    link(money, money.society, take, Relation.EMBODIES, work)
    money.share("w4", "cy", Role.COMPOSER, right=Right.PERFORMING, share="1")
    money.share("r4", "cy", Role.FEATURED_PERFORMER)
    money.share("r4", "blue", Role.PRODUCER, right=Right.NEIGHBOURING, share="1")
    money.complete("w4", Side.WORK)
    money.complete("r4", Side.RECORDING)


def link(world: Any, author: Any, left: str, relation: Relation, right: str) -> None:
    asserted = registry.LinkAsserted(
        link=LinkId(world.house.ids.new("link")),
        left=left,
        relation=relation,
        right=right,
        asserted_by=author.party,
    )
    world.record(asserted, author=author)


def own(world: Any) -> dict[str, int]:
    return {name: fine for name, fine in world.balances().items() if name in (*world.ids, ESCROW) and fine}


WHOLE = {"ana": 25 * EURO, "blue": 50 * EURO, "cy": 25 * EURO}


def test_app_money_strangers_have_no_part_by_themselves(world: Any) -> None:
    world.distribute()
    assert own(world) == WHOLE


def test_app_money_a_stranger_puts_no_work_of_its_own_into_a_recording(world: Any) -> None:
    link(world, world.evil, world.ids["r1"], Relation.EMBODIES, world.ids["we"])
    world.distribute()
    found = own(world)
    assert "evil" not in found
    assert found == {"blue": 50 * EURO, "cy": 25 * EURO, ESCROW: 25 * EURO}, "two claims wait until they are decided"


@pytest.mark.parametrize("target", ["r1", "r4"])
@pytest.mark.parametrize("turned", [False, True])
def test_app_money_two_strangers_make_no_recording_of_theirs_another_s(world: Any, target: str, turned: bool) -> None:
    """Not even where theirs was registered first, and so stands for both."""
    ends = (world.ids[target], world.ids["re"])
    for author in (world.evil, world.accomplice):
        left, right = reversed(ends) if turned else ends
        link(world, author, left, Relation.SAME_AS, right)
    world.distribute()
    found = own(world)
    assert "evil" not in found
    assert found[ESCROW] == 50 * EURO
    assert sum(found.values()) == 100 * EURO


def test_app_money_a_recording_registered_twice_is_paid_as_before(world: Any) -> None:
    """Without holders of its own the other registration says nothing against those of the first."""
    take = world.new("r5", "recording")
    world.record(registry.RecordingRegistered(recording=take, title="Song 1"), author=world.label)
    for author in (world.label, world.society):
        link(world, author, take, Relation.SAME_AS, world.ids["r1"])
    world.distribute()
    assert own(world) == WHOLE
