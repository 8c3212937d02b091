"""From registered claims to splits: legs, deductions, line-ups, and what is held because nobody may guess."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.periods import Period, parse_moment
from cantoria.registry import facts as said
from cantoria.registry.fold import Registry
from cantoria.registry.types import PartyKind, PublicDomainBasis, Relation, Right, Role, Side, Tier
from cantoria.royalty.splits import SplitBuilder
from cantoria.royalty.tariff import Basis, Deduction, Leg, PoolTerms, Tariff
from cantoria.royalty.types import DISPUTED, INCOMPLETE

AT = parse_moment("2026-09-01")
TARIFF = Tariff(
    tariff="tariff_1",
    publisher="cmo",
    currency="KRW",
    pools=(PoolTerms(name="output", basis=Basis.USAGE, fraction=Fraction(1, 10)),),
    work_fraction=Fraction(1, 2),
    territory="0410",
    performers_fraction=Fraction(1, 2),
    featured_fraction=Fraction(3, 4),
)


class World:
    """A registry being written: one work by Ada (2/3) and her publisher (1/3), recorded by Bo and two session
    players for a label."""

    def __init__(self) -> None:
        self.facts: list[Recorded[Any]] = []
        self.claims: dict[str, list[str]] = {}
        for party in ("ada", "bo", "cy", "dee", "label", "publisher"):
            self.add(said.PartyRegistered(party=party, kind=PartyKind.PERSON))
        self.add(said.WorkRegistered(work="work_1", title="W"))
        self.add(said.RecordingRegistered(recording="rec_1", title="R"))
        self.link("rec_1", "work_1")

    def add(self, fact: Any, organisation: str = "label") -> None:
        index = len(self.facts)
        self.facts.append(Recorded(index, f"f{index}", organisation, Capacity.OPERATOR, AT - 10, fact))

    def link(self, recording: str, work: str) -> None:
        self.add(
            said.LinkAsserted(
                link=f"link_{len(self.facts)}",
                left=recording,
                relation=Relation.EMBODIES,
                right=work,
                asserted_by="label",
            )
        )

    def claim(
        self, subject: str, party: str, role: Role, share: str = "", right: Right | None = None, **more: Any
    ) -> None:
        name = f"claim_{len(self.facts)}"
        fraction = Fraction(share) if share else None
        self.claims.setdefault(subject, []).append(name)
        self.add(
            said.ShareClaimed(claim=name, subject=subject, party=party, role=role, right=right, share=fraction, **more)
        )

    def complete(self, subject: str, side: Side, signer: str) -> None:
        claims = tuple(self.claims.get(subject, ()))
        self.add(
            said.HoldersDeclaredComplete(subject=subject, side=side, signed_by=signer, claims=claims),
            organisation=signer,
        )

    def work_shares(self, right: Right | None = Right.PERFORMING) -> None:
        self.claim("work_1", "ada", Role.COMPOSER, "2/3", right)
        self.claim("work_1", "publisher", Role.PUBLISHER, "1/3", right)
        self.complete("work_1", Side.WORK, "publisher")

    def line_up(self, *, shares: bool = False) -> None:
        right = Right.NEIGHBOURING if shares else None
        self.claim("rec_1", "bo", Role.FEATURED_PERFORMER)
        self.claim("rec_1", "cy", Role.NON_FEATURED_PERFORMER)
        self.claim("rec_1", "dee", Role.NON_FEATURED_PERFORMER)
        self.claim("rec_1", "label", Role.PRODUCER, "1" if shares else "", right)
        self.complete("rec_1", Side.RECORDING, "label")

    def shares(
        self, tariff: Tariff = TARIFF, *, side: Side = Side.RECORDING, **more: Any
    ) -> dict[tuple[str, str], Fraction]:
        registry = Registry.fold(self.facts)
        subject = "rec_1" if side is Side.RECORDING else "work_1"
        split = SplitBuilder(rights=registry, tariff=tariff, at=AT, **more).build(subject, side=side)
        for leaf in split.leaves:
            assert leaf.share == sum(path.share for path in leaf.paths)
        return {(leaf.holder, leaf.leg): leaf.share for leaf in split.leaves}


@pytest.fixture
def world() -> World:
    return World()


def test_legs_and_the_performers_own_leg(world: World) -> None:
    world.work_shares()
    world.line_up(shares=True)
    assert world.shares() == {
        ("ada", "work"): Fraction(1, 3),
        ("publisher", "work"): Fraction(1, 6),
        ("label", "recording"): Fraction(1, 4),
        ("bo", "performers"): Fraction(3, 16),
        ("cy", "performers"): Fraction(1, 32),
        ("dee", "performers"): Fraction(1, 32),
    }


def test_deductions_are_named_holders_of_one_leg(world: World) -> None:
    world.work_shares()
    world.line_up(shares=True)
    costs = Deduction(name="costs", holder="cmo", leg=Leg.WORK, fraction=Fraction(1, 10))
    fund = Deduction(name="fund", holder="joint_fund", leg=Leg.PERFORMERS, fraction=Fraction(1, 5))
    shares = world.shares(replace(TARIFF, deductions=(costs, fund)))
    assert shares["cmo", "work/costs"] == Fraction(1, 20)
    assert shares["joint_fund", "performers/fund"] == Fraction(1, 20)
    assert shares["ada", "work"] == Fraction(1, 2) * Fraction(9, 10) * Fraction(2, 3)
    assert shares["bo", "performers"] == Fraction(1, 4) * Fraction(4, 5) * Fraction(3, 4)
    assert sum(shares.values()) == 1


def test_without_registered_shares_the_line_up_divides_equally_or_waits(world: World) -> None:
    world.work_shares()
    world.line_up()
    shares = world.shares()
    assert {key: share for key, share in shares.items() if key[1] == "recording"} == {
        (party, "recording"): Fraction(1, 16) for party in ("bo", "cy", "dee", "label")
    }
    waiting = world.shares(replace(TARIFF, equal_among_lineup=False))
    assert waiting[INCOMPLETE, "recording"] == Fraction(1, 4)
    assert waiting["bo", "performers"] == Fraction(3, 16)


def test_an_incomplete_side_waits_and_the_other_is_paid(world: World) -> None:
    world.work_shares()
    world.claim("rec_1", "bo", Role.FEATURED_PERFORMER)
    shares = world.shares()
    assert shares[INCOMPLETE, "recording"] == Fraction(1, 4)
    assert shares[INCOMPLETE, "performers"] == Fraction(1, 4)
    assert shares["ada", "work"] == Fraction(1, 3)


def test_a_recording_without_a_work_waits_on_the_work_leg(world: World) -> None:
    world.facts = [recorded for recorded in world.facts if not isinstance(recorded.fact, said.LinkAsserted)]
    world.line_up(shares=True)
    assert world.shares()[INCOMPLETE, "work"] == Fraction(1, 2)


def test_shares_above_the_whole_and_open_disputes_are_escrowed(world: World) -> None:
    world.claim("work_1", "ada", Role.COMPOSER, "2/3", Right.PERFORMING)
    world.claim("work_1", "publisher", Role.PUBLISHER, "2/3", Right.PERFORMING)
    world.complete("work_1", Side.WORK, "publisher")
    world.line_up(shares=True)
    assert world.shares()[DISPUTED, "work"] == Fraction(1, 2)
    world.add(
        said.DisputeOpened(
            case="case_1",
            subject="rec_1",
            side=Side.RECORDING,
            opened_by="dee",
            tier=Tier.DOCUMENTED,
            reason="not asked",
            next_actor="label",
            due_at=AT,
        )
    )
    shares = world.shares()
    assert shares == {
        (DISPUTED, "work"): Fraction(1, 2),
        (DISPUTED, "recording"): Fraction(1, 4),
        (DISPUTED, "performers"): Fraction(1, 4),
    }


def test_a_disputed_link_escrows_the_work_leg(world: World) -> None:
    world.work_shares()
    world.line_up(shares=True)
    link = next(recorded.fact.link for recorded in world.facts if isinstance(recorded.fact, said.LinkAsserted))
    world.add(said.LinkReviewed(link=link, agreed=False, reviewed_by="ada"))
    assert world.shares()[DISPUTED, "work"] == Fraction(1, 2)


def test_an_escrowed_recording_pays_nobody(world: World) -> None:
    world.work_shares()
    world.line_up(shares=True)
    assert world.shares(escrowed=frozenset({"rec_1"})) == {(DISPUTED, "held"): 1}


def test_the_first_right_with_whole_shares_counts(world: World) -> None:
    world.claim("work_1", "ada", Role.COMPOSER, "1", Right.MECHANICAL)
    world.claim("work_1", "publisher", Role.PUBLISHER, "1", Right.PERFORMING)
    world.complete("work_1", Side.WORK, "publisher")
    world.line_up(shares=True)
    assert world.shares()["publisher", "work"] == Fraction(1, 2)
    mechanical_first = replace(TARIFF, work_rights=(Right.MECHANICAL, Right.PERFORMING))
    assert world.shares(mechanical_first)["ada", "work"] == Fraction(1, 2)


def test_shares_without_a_named_right_stand_for_every_right(world: World) -> None:
    world.work_shares(None)
    world.line_up(shares=True)
    assert world.shares()["ada", "work"] == Fraction(1, 3)


def test_two_works_have_equal_parts_and_one_party_on_both_is_added_up(world: World) -> None:
    world.work_shares()
    world.add(said.WorkRegistered(work="work_2", title="W2"))
    world.link("rec_1", "work_2")
    world.claim("work_2", "ada", Role.COMPOSER, "1", Right.PERFORMING)
    world.claim("work_2", "publisher", Role.PUBLISHER)
    world.complete("work_2", Side.WORK, "publisher")
    world.line_up(shares=True)
    shares = world.shares()
    assert shares["ada", "work"] == Fraction(1, 6) + Fraction(1, 4)
    assert shares["publisher", "work"] == Fraction(1, 12)


def test_public_domain_goes_where_the_tariff_says(world: World) -> None:
    world.line_up(shares=True)
    world.add(
        said.PublicDomainEvidenced(
            subject="work_1",
            side=Side.WORK,
            basis=PublicDomainBasis.TERM_EXPIRED,
            territory="0410",
            period=Period(),
            tier=Tier.VERIFIED,
            evidence="died 1901",
        )
    )
    assert world.shares()["joint_fund", "work"] == Fraction(1, 2)


def test_claims_of_another_country_or_time_do_not_divide(world: World) -> None:
    world.claim("work_1", "publisher", Role.PUBLISHER, "1", Right.PERFORMING)
    world.claim("work_1", "ada", Role.COMPOSER, "1", Right.PERFORMING, territory="0724")
    world.claim("work_1", "ada", Role.COMPOSER, "1", Right.PERFORMING, period=Period(0, AT - 1))
    world.claim("work_1", "ada", Role.COMPOSER, "1", Right.PERFORMING, tier=Tier.ASSERTED)
    world.claims["work_1"] = world.claims["work_1"][:2]
    world.claim("work_1", "bo", Role.LYRICIST)
    world.complete("work_1", Side.WORK, "publisher")
    world.line_up(shares=True)
    assert world.shares()["publisher", "work"] == Fraction(1, 2)
    assert ("ada", "work") not in world.shares()


def test_a_line_up_without_performers_leaves_all_to_the_recording_leg(world: World) -> None:
    world.work_shares()
    world.claim("rec_1", "label", Role.PRODUCER, "1", Right.NEIGHBOURING)
    world.add(
        said.PublicDomainEvidenced(
            subject="rec_1",
            side=Side.RECORDING,
            basis=PublicDomainBasis.DEDICATED,
            territory="2136",
            period=Period(),
            tier=Tier.VERIFIED,
            evidence="dedication",
        )
    )
    assert world.shares()["joint_fund", "recording"] == Fraction(1, 2)


def test_a_work_used_alone_has_only_its_own_leg(world: World) -> None:
    world.work_shares()
    assert world.shares(side=Side.WORK) == {("ada", "work"): Fraction(2, 3), ("publisher", "work"): Fraction(1, 3)}


def test_a_share_too_small_to_ever_be_paid_waits_for_a_person(world: World) -> None:
    world.claim("work_1", "ada", Role.COMPOSER, "1/2000000000", Right.PERFORMING)
    world.claim("work_1", "publisher", Role.PUBLISHER, "1999999999/2000000000", Right.PERFORMING)
    world.complete("work_1", Side.WORK, "publisher")
    world.line_up(shares=True)
    assert world.shares() == {(INCOMPLETE, "held"): 1}
