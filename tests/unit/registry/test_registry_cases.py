"""Cases: what opens them, whose turn it is, how they end, and what is told of them in public."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.kernel.facts import Capacity
from cantoria.kernel.periods import DAY
from cantoria.registry import Case, CaseKind, PartyKind, Problem, Relation, Role, Side, Stage, Tier
from cantoria.registry.ageing import A_PARTY, ageing, bucket
from cantoria.registry.answer_facts import AnswerMessage, AnswerStatus, RegistrationAnswered
from cantoria.registry.conflict_facts import CaseAnswered, CaseDecided, CaseEscalated, Stance
from cantoria.registry.escalation import REGISTRAR, STEPS
from cantoria.registry.facts import (
    ClaimWithdrawn,
    DisputeClosed,
    DisputeOpened,
    PartyRegistered,
    ReleaseRegistered,
)

NOW = 20_000 * DAY
RULES = Capacity.REGISTRAR


def over_claimed(tape: Any) -> Case:
    """bo (by pub) claims 2/3 of the song, cy (by other) another 2/3; a society registered both."""
    for party in ("bo", "cy"):
        tape.say(PartyRegistered(party=party, kind=PartyKind.PERSON), "cmo", capacity=Capacity.CMO)
    tape.work("song", by="pub")
    tape.claim("song", "bo", Role.COMPOSER, "2/3", by="pub", claim="first")
    tape.claim("song", "cy", Role.COMPOSER, "2/3", by="other", claim="second")
    (case,) = tape.fold().cases(NOW)
    assert case.opened_at == NOW + 4
    return case


def answer(tape: Any, case: Case, by: str, stance: Stance = Stance.UPHOLD, **more: Any) -> None:
    at = more.pop("at", case.opened_at + DAY)
    key = more.pop("key", "")
    party = more.pop("party", by)
    tape.say(CaseAnswered(case=case.case, subject=case.subject, party=party, stance=stance, **more), by, at=at, key=key)


def decide(tape: Any, case: Case, by: str = "office", capacity: Capacity = RULES, **more: Any) -> None:
    at = more.pop("at", case.opened_at + 2 * DAY)
    more.setdefault("outcome", "the older agreement holds")
    fact = CaseDecided(case=case.case, subject=case.subject, decided_by=by, **more)
    tape.say(fact, by, capacity=capacity, at=at)


def now(tape: Any, days: int = 1) -> Case:
    (case,) = tape.fold().cases(NOW + 4 + days * DAY)
    return case


def stand(case: Case) -> tuple[str, str, int]:
    return case.stage.value, case.next_actor, case.missed


def test_registry_missed_deadlines_move_a_case_on_by_rule(tape: Any) -> None:
    case = over_claimed(tape)
    assert (case.concerned.claimants, case.concerned.others) == (("other",), ("pub",))
    found = {days: stand(now(tape, days)) for days in (0, 30, 31, 60, 61, 120, 121, 180, 181, 9_999)}
    assert found == {
        0: ("claimant", "other", 0),
        30: ("claimant", "other", 0),
        31: ("others", "pub", 1),
        60: ("others", "pub", 1),
        61: ("societies", "cmo", 2),
        120: ("societies", "cmo", 2),
        121: ("registrar", REGISTRAR, 3),
        180: ("registrar", REGISTRAR, 3),
        181: ("registrar", REGISTRAR, 3),
        9_999: ("registrar", REGISTRAR, 3),
    }
    assert now(tape, 9_999).due_at == case.opened_at + 180 * DAY, "the last stage stays overdue until it is decided"


def test_registry_an_answer_moves_the_turn_on(tape: Any) -> None:
    case = over_claimed(tape)
    answer(tape, case, "other", text="we hold the contract", attachments=("ab" * 32,))
    moved = now(tape, 2)
    assert stand(moved) == ("others", "pub", 0)
    assert moved.due_at == case.opened_at + 31 * DAY
    assert [(one.by, one.what, one.text, one.without_effect) for one in moved.events] == [
        ("other", "uphold", "we hold the contract", "")
    ]
    answer(tape, case, "pub", Stance.PARTLY, at=case.opened_at + 3 * DAY)
    assert stand(now(tape, 4)) == ("societies", "cmo", 0)
    assert tape.fold(size=len(tape.facts) - 2).cases(NOW + 5 * DAY)[0].events == ()


def test_registry_who_releases_owes_the_withdrawal(tape: Any) -> None:
    case = over_claimed(tape)
    answer(tape, case, "other", Stance.RELEASE)
    assert stand(now(tape, 2)) == ("claimant", "other", 0)
    tape.withdraw("second", by="other")
    assert tape.fold().cases(NOW + 9 * DAY) == ()


@pytest.mark.parametrize("by", ["stranger", "pub"])
def test_registry_only_who_is_next_moves_the_turn(tape: Any, by: str) -> None:
    case = over_claimed(tape)
    answer(tape, case, by)
    moved = now(tape, 2)
    assert stand(moved) == ("claimant", "other", 0)
    assert [bool(one.without_effect) for one in moved.events] == [by == "stranger"]


def test_registry_a_party_answers_through_who_answers_for_it_or_by_its_key(tape: Any) -> None:
    tape.say(PartyRegistered(party="bo", kind=PartyKind.PERSON), "cmo", capacity=Capacity.CMO)
    tape.work("song", by="pub")
    tape.claim("song", "bo", Role.COMPOSER, "2/3", by="pub")
    dispute = DisputeOpened(
        case="case_1",
        subject="song",
        side=Side.WORK,
        opened_by="cy",
        tier=Tier.DOCUMENTED,
        reason="not his",
        next_actor="bo",
        due_at=NOW + 20 * DAY,
    )
    tape.say(dispute, "other")
    case = now(tape, 0)
    assert (case.case, case.due_at, stand(case)) == ("case_1", NOW + 20 * DAY, ("claimant", "bo", 0))
    answer(tape, case, "stranger", party="bo")
    assert now(tape, 2).stage is Stage.CLAIMANT
    answer(tape, case, "cmo", party="bo")
    assert stand(now(tape, 2)) == ("others", "other", 0)


def test_registry_escalation_skips_the_rest_of_a_stage(tape: Any) -> None:
    case = over_claimed(tape)

    def escalate(by: str, days: int) -> None:
        fact = CaseEscalated(case=case.case, subject=case.subject, party=by, reason="no use waiting")
        tape.say(fact, by, at=case.opened_at + days * DAY)

    escalate("stranger", 1)
    assert stand(now(tape, 2)) == ("claimant", "other", 0)
    for by, stage in (("pub", Stage.OTHERS), ("pub", Stage.SOCIETIES), ("cmo", Stage.REGISTRAR)):
        escalate(by, 3)
        assert now(tape, 4).stage is stage
    escalate("cmo", 5)
    assert now(tape, 6).events[-1].without_effect == "there is no further stage"


@pytest.mark.parametrize(
    ("by", "capacity", "why"),
    [
        ("office", RULES, ""),
        ("office", Capacity.OPERATOR, ""),
        ("cmo", Capacity.CMO, "only a register decides"),
        ("pub", RULES, "nobody decides in its own favour"),
        ("other", RULES, "nobody decides in its own favour"),
        ("bo", RULES, "nobody decides in its own favour"),
    ],
)
def test_registry_a_register_decides_and_nobody_in_its_own_favour(
    tape: Any, by: str, capacity: Capacity, why: str
) -> None:
    case = over_claimed(tape)
    decide(tape, case, by, capacity, stands=("first",), falls=("second",))
    decided = now(tape, 3)
    assert decided.events[-1].without_effect == why
    assert (decided.stage is Stage.DECIDED) == (not why)
    tape.say(ClaimWithdrawn(claim="second", at=0), by, capacity=capacity)
    expected = () if not why or by == "other" else (decided,)
    assert tape.fold().cases(NOW + 4 + 3 * DAY) == expected


def test_registry_a_register_withdraws_only_what_it_decided_to_fall(tape: Any) -> None:
    case = over_claimed(tape)
    tape.say(ClaimWithdrawn(claim="second", at=0), "office", capacity=RULES)
    assert tape.fold().cases(NOW), "without a decision it is nobody's claim but other's"
    decide(tape, case, falls=("second",))
    tape.say(ClaimWithdrawn(claim="first", at=0), "office", capacity=RULES)
    assert tape.fold().cases(NOW)
    tape.claim("hymn", "cy", Role.COMPOSER, "1", by="third", claim="second")
    tape.say(ClaimWithdrawn(claim="second", at=0), "office", capacity=RULES)
    assert tape.fold().cases(NOW) == ()
    assert [claim.withdrawn_at for claim in tape.fold().claims("hymn")] == [None], "a decision speaks of its subject"


def test_registry_a_decision_waits_to_be_carried_out(tape: Any) -> None:
    case = over_claimed(tape)
    decide(tape, case, falls=("second",))
    decided = now(tape, 100)
    assert (stand(decided), decided.due_at) == (("decided", "other", 0), case.opened_at + 32 * DAY)
    tape.say(CaseEscalated(case=case.case, subject="song", party="pub"), "pub", at=case.opened_at + 90 * DAY)
    assert now(tape, 100).events[-1].without_effect == "the case is decided"


def test_registry_what_was_said_of_an_earlier_conflict_does_not_count(tape: Any) -> None:
    case = over_claimed(tape)
    decide(tape, case, falls=("second",))
    tape.withdraw("second", by="other")
    assert tape.fold().cases(NOW + 9 * DAY) == ()
    tape.claim("song", "cy", Role.COMPOSER, "2/3", by="third")
    later = tape.facts.pop()
    tape.say(later.fact, "third", at=NOW + 50 * DAY)
    (again,) = tape.fold().cases(NOW + 51 * DAY)
    assert (again.case, stand(again), again.events) == (case.case, ("claimant", "third", 0), ())


def test_registry_a_dispute_that_a_register_decided_is_closed_by_it(tape: Any) -> None:
    tape.claim("song", "bo", Role.COMPOSER, "1", by="pub")
    tape.say(
        DisputeOpened(
            case="case_1",
            subject="song",
            side=Side.WORK,
            opened_by="cy",
            tier=Tier.DOCUMENTED,
            reason="mine",
            next_actor="pub",
            due_at=NOW + 20 * DAY,
        ),
        "other",
    )
    (case,) = tape.fold().cases(NOW)
    decide(tape, case)
    tape.say(DisputeClosed(case="case_1", outcome="the claim stands"), "office", capacity=RULES)
    assert tape.fold().cases(NOW) == ()


def test_registry_two_iswcs_of_a_work_are_a_case_and_two_isrcs_of_a_recording_are_none(tape: Any) -> None:
    tape.work("song")
    tape.recording("rec")
    for code, thing in (("isrc:1", "rec"), ("isrc:2", "rec"), ("iswc:T1", "song"), ("own:a", "song")):
        tape.names(code, thing)
    assert tape.fold().cases(NOW) == ()
    second = tape.names("iswc:T2", "song", by="pub")
    (case,) = tape.fold().cases(NOW)
    assert (case.kind, case.subject, case.blocks) == (CaseKind.CODES_SEVERAL, "song", False)
    assert (case.next_actor, case.about[-1]) == ("pub", second)
    tape.review(tape.link("iswc:T1", Relation.SAME_AS, "iswc:T2"), True)
    assert tape.fold().cases(NOW) == (), "one ISWC was merged into the other"


def test_registry_two_grids_of_a_release_are_a_case(tape: Any) -> None:
    tape.say(ReleaseRegistered(release="album", title="Album", recordings=()))
    for code in ("gtin:1", "gtin:2", "grid:1", "grid:2"):
        tape.names(code, "album")
    (case,) = tape.fold().cases(NOW)
    assert (case.kind, case.detail) == (
        CaseKind.CODES_SEVERAL,
        "album has grid:1, grid:2, and one GRID is all that it can have",
    )


def test_registry_a_registration_in_conflict_is_a_case_until_another_answer(tape: Any) -> None:
    tape.work("song", by="pub")

    def say(status: AnswerStatus, at: int) -> None:
        fact = RegistrationAnswered(
            answer=f"answer_{at}",
            work="song",
            answered_by="society:052",
            status=status,
            said_at=at,
            transaction="NWR",
            messages=(AnswerMessage(text="shares exceed 100 %"),),
        )
        tape.say(fact, "pub")

    say(AnswerStatus.CONFLICT, 1)
    (case,) = tape.fold().cases(NOW)
    assert (case.kind, case.subject, case.blocks) == (CaseKind.REGISTRATION_CONFLICT, "song", False)
    assert "shares exceed" in case.detail
    assert stand(now(tape, 40)) == ("others", "society:052", 1)
    (registration,) = tape.fold().registrations("song")
    assert registration.answers == 1
    say(AnswerStatus.ACCEPTED, 2)
    assert tape.fold().cases(NOW) == ()


def test_registry_every_kind_has_its_stages_and_ends_with_a_register() -> None:
    assert set(STEPS) == set(CaseKind)
    for steps in STEPS.values():
        assert steps[0].stage is Stage.CLAIMANT
        assert steps[-1].stage is Stage.REGISTRAR
        assert all(step.days > 0 for step in steps)
        assert Stage.DECIDED not in {step.stage for step in steps}


@pytest.mark.parametrize(
    ("days", "name"),
    [
        *((-1, "0-30"), (0, "0-30"), (30, "0-30"), (31, "31-90"), (90, "31-90"), (91, "91-180"), (181, "181-365")),
        *((365, "181-365"), (366, ">365")),
    ],
)
def test_registry_the_age_of_a_case_in_ranges(tape: Any, days: int, name: str) -> None:
    case = over_claimed(tape)
    assert bucket(case, at=case.opened_at + days * DAY) == name


def test_registry_ageing_names_no_person_and_counts_money_once(tape: Any) -> None:
    case = over_claimed(tape)
    at = case.opened_at + 40 * DAY
    money = {case.case: {"EUR": 7, "KRW": 3}, "case_other": {"EUR": 1}}
    (row,) = ageing(tape.fold().cases(at), at=at, is_organisation={"pub"}.__contains__, waiting=money)
    assert (row.kind, row.days, row.next_actor) == (CaseKind.SHARES_ABOVE_WHOLE, "31-90", "pub")
    assert (row.cases, row.overdue, row.blocked, row.waiting) == (1, 0, 1, {"EUR": 7, "KRW": 3})
    (hidden,) = ageing(tape.fold().cases(at), at=at, is_organisation=lambda name: False)
    assert hidden.next_actor == A_PARTY
    assert hidden.waiting == {}


Draw = Callable[[Any], Any]


def _anything(tape: Any, draw: Draw) -> None:
    """Record one fact that can open, move or end a case."""
    work, by = draw(st.sampled_from(["song", "hymn"])), draw(st.sampled_from(["pub", "other", "office"]))
    capacity = RULES if by == "office" else Capacity.PUBLISHER
    at = NOW + draw(st.integers(0, 90)) * DAY
    match draw(st.integers(0, 5)):
        case 0:
            tape.claim(work, draw(st.sampled_from(["bo", "cy"])), Role.COMPOSER, "2/3", by=by)
        case 1:
            tape.names(draw(st.sampled_from(["iswc:T1", "iswc:T2"])), work, by=by)
        case 2:
            tape.review(f"link_{draw(st.integers(0, 8))}", draw(st.booleans()), by)
        case 3:
            tape.withdraw(f"claim_{draw(st.integers(0, 8))}", by=by)
        case 4:
            cases = tape.fold().cases(at)
            if cases:
                answer(tape, draw(st.sampled_from(cases)), by, at=at)
        case _:
            cases = tape.fold().cases(at)
            if cases:
                case = draw(st.sampled_from(cases))
                decide(tape, case, by, capacity, at=at, falls=case.about[:1])
                for claim in case.about[:1]:
                    tape.say(ClaimWithdrawn(claim=claim, at=0), by, capacity=capacity)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_registry_cases_are_a_function_of_what_is_recorded(new_tape: Any, data: st.DataObject) -> None:
    tape = new_tape()
    tape.work("song", by="pub")
    tape.work("hymn", by="pub")
    for _ in range(data.draw(st.integers(1, 12))):
        _anything(tape, data.draw)
    at = NOW + data.draw(st.integers(0, 400)) * DAY
    whole = tape.fold()
    grown = type(whole)()
    for recorded in tape.facts:
        grown.add(recorded)
        grown.cases(at)
    shuffled = type(whole).fold(data.draw(st.permutations(tape.facts)))
    assert whole.cases(at) == grown.cases(at) == shuffled.cases(at)
    things = ("song", "hymn", "iswc:T1", "iswc:T2")
    assert whole.cases_of(*things, at=at) == whole.cases(at)
    for thing in things:
        about = whole.cases_of(thing, at=at)
        assert {case for case in whole.cases(at) if case.subject == thing} <= set(about)
    for work in ("song", "hymn"):
        blocks = any(case.blocks and case.kind is CaseKind.SHARES_ABOVE_WHOLE for case in whole.cases_of(work, at=at))
        problems = whole.side(work, territory="0410", at=at).problems
        assert (Problem.BLOCKING_DISPUTE in problems) == blocks


@given(st.integers(1, 10_000), st.sampled_from(["evil", "pub", "other"]))
def test_registry_nobody_passes_the_time_of_others_by_a_time_to_come(new_tape: Any, days: int, by: str) -> None:
    tape = new_tape()
    case = over_claimed(tape)
    answer(tape, case, by, Stance.RELEASE, at=case.opened_at + days * DAY)
    assert stand(now(tape, 1)) == ("claimant", "other", 0)


@pytest.mark.parametrize("same_subject", [False, True])
@pytest.mark.parametrize("decides", [False, True])
def test_registry_no_dispute_ends_with_that_of_a_stranger(tape: Any, same_subject: bool, decides: bool) -> None:
    """A stranger gives its own dispute the id of another's, and a register settles the stranger's."""
    tape.work("song", by="pub")
    tape.work("other", by="evil")
    opened = {"side": Side.WORK, "tier": Tier.DOCUMENTED, "reason": "why", "next_actor": "pub", "due_at": NOW + DAY}
    tape.say(DisputeOpened(case="case_1", subject="song", opened_by="cmo", **opened), "cmo")
    about = "song" if same_subject else "other"
    tape.say(DisputeOpened(case="case_1", subject=about, opened_by="evil", **opened), "evil")
    if decides:
        fact = CaseDecided(case="case_1", subject="other", decided_by="office", outcome="void")
        tape.say(fact, "office", capacity=RULES)
    tape.say(DisputeClosed(case="case_1", outcome="mine"), "evil")
    assert [case.subject for case in tape.fold().cases(NOW)] == ["song"]
    if not same_subject and decides:
        tape.say(DisputeOpened(case="case_1", subject=about, opened_by="evil", **opened), "evil")
        tape.say(DisputeClosed(case="case_1", outcome="void"), "office", capacity=RULES)
        assert [case.subject for case in tape.fold().cases(NOW)] == ["song"]


@given(st.booleans())
def test_registry_no_claim_falls_because_a_stranger_used_its_id(new_tape: Any, first: bool) -> None:
    tape = new_tape()
    tape.work("song", by="pub")
    tape.say(PartyRegistered(party="bo", kind=PartyKind.PERSON), "cmo", capacity=Capacity.CMO)
    for by, party in [("evil", "cy"), ("pub", "bo")] if first else [("pub", "bo"), ("evil", "cy")]:
        tape.claim("song", party, Role.COMPOSER, "1", by=by, claim="one")
    (case,) = tape.fold().cases(NOW)
    decide(tape, case, falls=("one",))
    tape.say(ClaimWithdrawn(claim="one", at=0), "office", capacity=RULES)
    assert [claim.in_force(NOW) for claim in tape.fold().claims("song")] == [True, True]
    tape.say(ClaimWithdrawn(claim="one", at=0), "evil")
    assert {claim.fact.party for claim in tape.fold().claims("song") if claim.in_force(NOW)} == {"bo"}


def test_registry_a_claim_from_the_future_makes_nobody_deaf(tape: Any) -> None:
    tape.work("song", by="pub")
    tape.claim("song", "bo", Role.COMPOSER, "2/3", by="pub", claim="first")
    index = len(tape.facts)
    tape.claim("song", "cy", Role.COMPOSER, "2/3", by="evil", claim="second")
    tape.facts[index] = replace(tape.facts[index], claimed_at=NOW + 9_999 * DAY)
    (case,) = tape.fold().cases(NOW + DAY)
    decide(tape, case, at=NOW + DAY)
    (case,) = tape.fold().cases(NOW + 2 * DAY)
    assert (case.stage, [event.without_effect for event in case.events]) == (Stage.DECIDED, [""])
