"""One side of one subject: holders, completeness, shares, public domain, disputes."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.kernel.errors import IntegrityError
from cantoria.kernel.facts import Capacity, Source
from cantoria.kernel.periods import DAY, Period
from cantoria.registry import CaseKind, Holding, Problem, PublicDomainBasis, Registry, Right, Role, Side, Tier
from cantoria.registry.facts import CompletenessWithdrawn, DisputeClosed, DisputeOpened, PublicDomainEvidenced

NOW = 20_000 * DAY


def side(registry: Registry, subject: str = "rec", territory: str = "KR", at: int = NOW) -> Any:
    return registry.side(subject, territory=territory, at=at)


def problems(registry: Registry, subject: str = "rec", territory: str = "KR", at: int = NOW) -> set[Problem]:
    state = side(registry, subject, territory, at)
    assert state.complete == (not set(state.problems) - {Problem.BLOCKING_DISPUTE}) or not state.complete
    assert state.complete or state.problems
    return set(state.problems)


def test_registry_complete_recording_names_holders_in_order(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    state = side(tape.fold())
    assert state.complete
    assert not state.problems
    assert state.holders == (Holding("ada", Role.FEATURED_PERFORMER), Holding("label", Role.PRODUCER))


def test_registry_complete_work_needs_whole_shares(tape: Any) -> None:
    tape.work("work", by="pub")
    tape.writers("work")
    assert side(tape.fold(), "work").complete


def test_registry_nobody_declared(tape: Any) -> None:
    tape.recording("rec")
    tape.claim("rec", "ada", Role.FEATURED_PERFORMER)
    tape.claim("rec", "label", Role.PRODUCER)
    assert problems(tape.fold()) == {Problem.HOLDERS_INCOMPLETE}


def test_registry_no_holders_and_unregistered(tape: Any) -> None:
    tape.recording("rec")
    registry = tape.fold()
    assert problems(registry) == {Problem.NO_HOLDERS}
    assert problems(registry, "never-heard-of") == {Problem.NO_HOLDERS}


def test_registry_claims_without_registration_are_never_complete(tape: Any) -> None:
    tape.line_up("rec")
    state = side(tape.fold())
    assert state.side is Side.RECORDING
    assert state.holders
    assert state.problems == (Problem.HOLDERS_INCOMPLETE,)


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [(Role.PRODUCER, "producer"), (Role.FEATURED_PERFORMER, "performer")],
)
def test_registry_recording_without_a_role_is_incomplete(tape: Any, left_out: Role, missing: str) -> None:
    tape.recording("rec")
    claims = [
        tape.claim("rec", "label", role) for role in (Role.FEATURED_PERFORMER, Role.PRODUCER) if role is not left_out
    ]
    tape.complete("rec", Side.RECORDING, *claims)
    assert problems(tape.fold()) == {Problem.HOLDERS_INCOMPLETE}, missing


def test_registry_work_without_a_writer_is_incomplete(tape: Any) -> None:
    tape.work("work", by="pub")
    claim = tape.claim("work", "pub", Role.PUBLISHER, "1", by="pub")
    tape.complete("work", Side.WORK, claim, by="pub")
    assert problems(tape.fold(), "work") == {Problem.HOLDERS_INCOMPLETE}


def test_registry_added_claim_undoes_completeness(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    tape.claim("rec", "cy", Role.NON_FEATURED_PERFORMER)
    state = side(tape.fold())
    assert Holding("cy", Role.NON_FEATURED_PERFORMER) in state.holders
    assert Problem.HOLDERS_INCOMPLETE in state.problems


def test_registry_asserted_claim_is_shown_but_no_holder(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    tape.claim("rec", "cy", Role.NON_FEATURED_PERFORMER, tier=Tier.ASSERTED)
    registry = tape.fold()
    assert side(registry).complete
    assert len(registry.claims("rec")) == 3


def test_registry_withdrawn_claim_undoes_completeness_from_its_moment_on(tape: Any) -> None:
    tape.recording("rec")
    performer, _ = tape.line_up("rec")
    tape.withdraw(performer, at=NOW + DAY)
    registry = tape.fold()
    assert side(registry).complete
    assert problems(registry, at=NOW + DAY) == {Problem.HOLDERS_INCOMPLETE}


def test_registry_only_the_claimant_withdraws(tape: Any) -> None:
    tape.recording("rec")
    performer, _ = tape.line_up("rec")
    tape.withdraw(performer, by="stranger")
    assert side(tape.fold()).complete


def test_registry_lost_claim_undoes_completeness(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    erased = [recorded for recorded in tape.facts if getattr(recorded.fact, "party", "") != "ada"]
    assert problems(Registry.fold(erased)) == {Problem.HOLDERS_INCOMPLETE}


def test_registry_swapped_holder_undoes_completeness(tape: Any) -> None:
    tape.recording("rec")
    performer, _ = tape.line_up("rec")
    tape.claim("rec", "cy", Role.FEATURED_PERFORMER, claim=performer)
    registry = tape.fold()
    assert problems(registry) == {Problem.HOLDERS_INCOMPLETE}
    assert {claim.fact.party for claim in registry.claims("rec")} == {"cy", "label"}
    assert not registry.claims_of_party("ada")


def test_registry_repeated_claim_changes_nothing(tape: Any) -> None:
    tape.recording("rec")
    performer, _ = tape.line_up("rec")
    tape.claim("rec", "ada", Role.FEATURED_PERFORMER, claim=performer, source=Source("again.csv", "", 7))
    registry = tape.fold()
    assert side(registry).complete
    assert [claim.index for claim in registry.claims("rec")] == [1, 2]


def test_registry_claim_id_of_another_organisation_is_another_claim(tape: Any) -> None:
    tape.recording("rec")
    performer, _ = tape.line_up("rec")
    tape.claim("rec", "cy", Role.FEATURED_PERFORMER, claim=performer, by="stranger")
    state = side(tape.fold())
    assert {holding.party for holding in state.holders} == {"ada", "cy", "label"}
    assert not state.complete


def test_registry_declaration_for_a_later_period_needs_its_own_list(tape: Any) -> None:
    tape.recording("rec")
    turn = NOW + DAY
    first = tape.claim("rec", "label", Role.PRODUCER, period=Period(0, turn))
    second = tape.claim("rec", "heir", Role.PRODUCER, period=Period(turn))
    ada = tape.claim("rec", "ada", Role.FEATURED_PERFORMER)
    tape.complete("rec", Side.RECORDING, first, ada, period=Period(0, turn))
    registry = tape.fold()
    assert side(registry).complete
    assert not side(registry, at=turn).complete
    tape.complete("rec", Side.RECORDING, second, ada, by="heir")
    assert side(tape.fold(), at=turn).complete


@pytest.mark.parametrize(
    ("more", "complete"),
    [
        ({"by": "label"}, True),
        ({"by": "operator", "signed_by": "label"}, False),
        ({"by": "operator", "signed_by": "label", "key": "aa"}, True),
        ({"by": "operator", "signed_by": "label", "key": "bb"}, False),
        ({"by": "ada", "signed_by": "ada"}, False),
        ({"by": "cmo", "signed_by": "cmo", "capacity": Capacity.CMO}, False),
        ({"by": "label", "period": Period(0, NOW)}, False),
    ],
)
def test_registry_who_can_declare_a_line_up(tape: Any, more: dict[str, Any], complete: bool) -> None:
    tape.recording("rec")
    tape.party("label")
    tape.vouch("label", "aa")
    claims = tape.claim("rec", "ada", Role.FEATURED_PERFORMER), tape.claim("rec", "label", Role.PRODUCER)
    tape.complete("rec", Side.RECORDING, *claims, **more)
    assert side(tape.fold()).complete is complete


@pytest.mark.parametrize(
    ("more", "complete"),
    [
        ({"by": "pub"}, True),
        ({"by": "cmo", "capacity": Capacity.CMO}, True),
        ({"by": "cmo", "capacity": Capacity.PUBLISHER}, False),
        ({"by": "cmo", "signed_by": "bo", "capacity": Capacity.CMO}, False),
        ({"by": "bo"}, False),
    ],
)
def test_registry_who_can_declare_writers(tape: Any, more: dict[str, Any], complete: bool) -> None:
    tape.work("work")
    claims = tape.claim("work", "bo", Role.COMPOSER), tape.claim("work", "pub", Role.PUBLISHER)
    tape.complete("work", Side.WORK, *claims, **more)
    assert side(tape.fold(), "work").complete is complete


def test_registry_key_must_be_vouched_for_before_and_still_hold(tape: Any) -> None:
    tape.party("ada")
    tape.vouch("ada", "aa", Period(0, NOW + DAY))
    tape.vouch("ada", "bb")
    tape.vouch("ada", "bb", Period(0, NOW), by="other")
    registry = tape.fold()
    assert registry.key_in_force("ada", "aa", NOW, 2)
    assert not registry.key_in_force("ada", "aa", NOW, 1)
    assert not registry.key_in_force("ada", "aa", NOW + DAY, 4)
    assert registry.key_in_force("ada", "bb", NOW, 3)
    assert not registry.key_in_force("ada", "bb", NOW, 4)


def test_registry_completeness_withdrawn_and_signed_anew(tape: Any) -> None:
    tape.recording("rec")
    claims = tape.line_up("rec")
    tape.say(CompletenessWithdrawn(subject="rec", side=Side.RECORDING, signed_by="label"), "anybody")
    assert problems(tape.fold()) == {Problem.HOLDERS_INCOMPLETE}
    tape.complete("rec", Side.RECORDING, *claims)
    assert side(tape.fold()).complete


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        (("2/3", "1/3"), set()),
        (("2/3", "1/4"), {Problem.SHARES_NOT_WHOLE}),
        (("2/3", "1/2"), {Problem.BLOCKING_DISPUTE}),
        (("3/2", "-1/2"), {Problem.SHARES_NOT_WHOLE}),
        ((None, None), set()),
        (("1", None), set()),
    ],
)
def test_registry_shares_of_a_right(tape: Any, shares: tuple[str, str], expected: set[Problem]) -> None:
    tape.work("work", by="pub")
    first = tape.claim("work", "bo", Role.COMPOSER, shares[0], by="pub")
    second = tape.claim("work", "pub", Role.PUBLISHER, shares[1], by="pub")
    tape.complete("work", Side.WORK, first, second, by="pub")
    state = side(tape.fold(), "work")
    assert set(state.problems) == expected
    assert state.complete == (not expected)


def test_registry_each_right_is_whole_by_itself(tape: Any) -> None:
    tape.work("work", by="pub")
    claims = [
        tape.claim("work", party, role, share, by="pub", right=right)
        for party, role, share, right in [
            ("bo", Role.COMPOSER, "1", Right.PERFORMING),
            ("bo", Role.COMPOSER, "1/2", Right.MECHANICAL),
            ("pub", Role.PUBLISHER, "1/2", Right.SYNCHRONISATION),
        ]
    ]
    tape.complete("work", Side.WORK, *claims, by="pub")
    assert problems(tape.fold(), "work") == {Problem.SHARES_NOT_WHOLE}


def test_registry_territories_differ(tape: Any) -> None:
    tape.work("work", by="pub")
    claims = [
        tape.claim("work", "bo", Role.COMPOSER, "1/2", by="pub"),
        tape.claim("work", "pub", Role.PUBLISHER, "1/2", by="pub", territory="2136 -KR"),
        tape.claim("work", "sub", Role.PUBLISHER, "1/2", by="pub", territory="KR"),
    ]
    tape.complete("work", Side.WORK, *claims, by="pub")
    registry = tape.fold()
    assert [h.party for h in side(registry, "work", "0410").holders] == ["bo", "sub"]
    assert [h.party for h in side(registry, "work", "US").holders] == ["bo", "pub"]
    assert side(registry, "work", "US").complete
    assert registry.territory_expressions() == {"2136", "2136 -KR", "KR"}


def test_registry_unreadable_territory_keeps_the_holder(tape: Any) -> None:
    tape.recording("rec")
    tape.claim("rec", "ada", Role.FEATURED_PERFORMER, territory="Atlantis")
    registry = tape.fold()
    assert [holding.party for holding in side(registry).holders] == ["ada"]
    assert registry.territory_expressions() == set()


def free(subject: str, **more: Any) -> PublicDomainEvidenced:
    given = {
        "side": Side.WORK,
        "basis": PublicDomainBasis.TERM_EXPIRED,
        "territory": "KR",
        "period": Period(NOW),
        "tier": Tier.DOCUMENTED,
        "evidence": "died 1950",
    }
    return PublicDomainEvidenced(subject=subject, **(given | more))


@pytest.mark.parametrize(
    ("more", "territory", "at", "expected"),
    [
        ({}, "KR", NOW, True),
        ({}, "US", NOW, False),
        ({}, "KR", NOW - 1, False),
        ({"tier": Tier.ASSERTED}, "KR", NOW, False),
        ({"side": Side.RECORDING}, "KR", NOW, False),
        ({"territory": "Atlantis"}, "KR", NOW, False),
    ],
)
def test_registry_public_domain(tape: Any, more: Any, territory: str, at: int, expected: bool) -> None:
    tape.work("work")
    tape.claim("work", "bo", Role.COMPOSER)
    tape.say(free("work", **more))
    state = side(tape.fold(), "work", territory, at)
    assert state.public_domain is expected
    assert state.complete is expected
    assert bool(state.holders) is not expected


def dispute(**more: Any) -> DisputeOpened:
    given = {
        "case": "case_1",
        "subject": "rec",
        "side": Side.RECORDING,
        "opened_by": "cy",
        "tier": Tier.DOCUMENTED,
        "reason": "I played the drums",
        "next_actor": "label",
        "due_at": NOW + 30 * DAY,
    }
    return DisputeOpened(**(given | more))


def test_registry_dispute_blocks_until_settled_by_who_may(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    tape.say(dispute(), "cmo")
    assert problems(tape.fold()) == {Problem.BLOCKING_DISPUTE}
    (case,) = tape.fold().cases(NOW)
    assert (case.kind, case.subject, case.blocks) == (CaseKind.CLAIM_DISPUTED, "rec", True)
    tape.say(DisputeClosed(case="case_1", outcome="I say so"), "label")
    assert problems(tape.fold()) == {Problem.BLOCKING_DISPUTE}
    tape.say(DisputeClosed(case="case_1", outcome="settled"), "cmo")
    assert side(tape.fold()).complete
    assert not tape.fold().cases(NOW)


def test_registry_undocumented_dispute_is_shown_but_does_not_block(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    tape.say(dispute(tier=Tier.ASSERTED), "cmo")
    registry = tape.fold()
    assert side(registry).complete
    assert [case.blocks for case in registry.cases(NOW)] == [False]


def test_registry_dispute_blocks_the_public_domain_too(tape: Any) -> None:
    tape.work("work")
    tape.say(free("work"))
    tape.say(dispute(subject="work", side=Side.WORK))
    state = side(tape.fold(), "work")
    assert state.public_domain
    assert state.problems == (Problem.BLOCKING_DISPUTE,)


def test_registry_order_of_facts_is_the_ledgers(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    assert side(Registry.fold(reversed(tape.facts))) == side(tape.fold())
    grown = tape.fold()
    with pytest.raises(IntegrityError):
        grown.add(tape.facts[0])


def test_registry_as_of_a_size_knows_only_what_came_before(tape: Any) -> None:
    tape.recording("rec")
    tape.line_up("rec")
    size = len(tape.facts)
    tape.claim("rec", "cy", Role.FEATURED_PERFORMER)
    assert side(tape.fold(size=size)).complete
    assert not side(tape.fold()).complete


@settings(deadline=None)
@given(data=st.data())
def test_registry_adding_one_by_one_equals_folding(new_tape: Any, data: st.DataObject) -> None:
    tape = new_tape()
    subjects = ("rec", "two", "work")
    for _ in range(data.draw(st.integers(1, 14))):
        subject = data.draw(st.sampled_from(subjects))
        match data.draw(st.integers(0, 7)):
            case 0:
                tape.work(subject) if subject == "work" else tape.recording(subject)
            case 1:
                role = data.draw(st.sampled_from(list(Role)))
                share = data.draw(st.sampled_from([None, "1/2", "1", "2/3"]))
                tape.claim(subject, data.draw(st.sampled_from(["ada", "label", "pub"])), role, share)
            case 2:
                tape.line_up(subject)
            case 3:
                tape.writers(subject)
            case 4:
                tape.embodies(subject, data.draw(st.sampled_from(subjects)))
            case 5:
                tape.names(f"isrc:{data.draw(st.integers(1, 2))}", subject)
            case 6:
                tape.say(dispute(subject=subject), data.draw(st.sampled_from(["a", "b"])))
            case _:
                tape.withdraw(f"claim_{data.draw(st.integers(0, 9))}")
    grown = Registry()
    for recorded in tape.facts:
        grown.add(recorded)
        fresh = Registry.fold(tape.facts, size=recorded.index + 1)
        for subject in subjects:
            assert side(grown, subject) == side(fresh, subject)
            assert grown.closure(subject) == fresh.closure(subject)
            assert grown.resolve(["isrc:1", "isrc:2"]) == fresh.resolve(["isrc:1", "isrc:2"])
        assert grown.cases(NOW) == fresh.cases(NOW)


@settings(deadline=None)
@given(shares=st.lists(st.fractions(0, 1), min_size=1, max_size=5))
def test_registry_complete_only_when_shares_are_exactly_one(new_tape: Any, shares: list[Fraction]) -> None:
    tape = new_tape()
    tape.work("work", by="pub")
    claims = [tape.claim("work", f"w{n}", Role.COMPOSER, str(share), by="pub") for n, share in enumerate(shares)]
    claims.append(tape.claim("work", "pub", Role.PUBLISHER, by="pub"))
    tape.complete("work", Side.WORK, *claims, by="pub")
    state = side(tape.fold(), "work")
    assert state.complete == (sum(shares) == 1)
    assert (Problem.BLOCKING_DISPUTE in state.problems) == (sum(shares) > 1)
    assert bool(tape.fold().cases(NOW)) == (sum(shares) > 1)
