"""What a stranger records with the facts of the trade opens no door, takes no holder away, and ends no conflict."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.app.test_app_strangers import ISRC, TRAIN, Stage, stage, whole

from cantoria.app.cases import open_cases
from cantoria.clearance import Status
from cantoria.consent.types import Scope, ScopeKind
from cantoria.licensing.facts import BlanketDealRegistered, DealEnded
from cantoria.registry.answer_facts import AnswerStatus, RegistrationAnswered
from cantoria.registry.conflict_facts import CaseAnswered, CaseDecided, CaseEscalated, Stance
from cantoria.registry.disclosure_facts import AiDisclosed, AiExtent, DealSignalled, NoticeGiven, NoticeKind
from cantoria.registry.facts import ClaimWithdrawn, DisputeClosed, DisputeOpened, LinkAsserted, LinkReviewed
from cantoria.registry.match_facts import MatchDecided, MatchVerdict
from cantoria.registry.trade_facts import ChainAsserted, ChainKind, CollectionClaimed, LinkWithdrawn, TitleGiven
from cantoria.registry.types import Relation, Right, Role, Side, Tier

__all__ = ["stage"]

Move = Callable[[Stage], Any]


def _case(stage: Stage) -> str:
    return str(stage.ids["case_open"])


def _chain(stage: Stage) -> ChainAsserted:
    return ChainAsserted(
        chain=stage.house.ids.new("chain"),
        subject=stage.song,
        grantor=stage.ada,
        acquirer=stage.evil.party,
        kind=ChainKind.ACQUISITION,
    )


def _collection(stage: Stage) -> CollectionClaimed:
    return CollectionClaimed(
        claim=stage.ids["wrote"],  # another's id
        subject=stage.song,
        party=stage.evil.party,
        role=Role.PUBLISHER,
        right=Right.PERFORMING,
        share=Fraction(1),
    )


def _same(stage: Stage) -> LinkAsserted:
    return LinkAsserted(
        link=stage.house.ids.new("link"),
        left=stage.take,
        relation=Relation.SAME_AS,
        right=stage.ids["own_take"],
        asserted_by=stage.label.party,
        tier=Tier.ADJUDICATED,
    )


def _decided(stage: Stage) -> MatchDecided:
    return MatchDecided(
        decision=stage.house.ids.new("decision"),
        left=stage.take,
        right=stage.ids["own_take"],
        verdict=MatchVerdict.SAME,
        decided_by=stage.label.party,
    )


def _ruled(stage: Stage) -> CaseDecided:
    falls = (stage.ids["wrote"], stage.ids["sang"], stage.ids["linked"])
    return CaseDecided(
        case=_case(stage), subject=stage.song, decided_by=stage.society.party, outcome="mine", falls=falls
    )


def _answered(stage: Stage) -> CaseAnswered:
    return CaseAnswered(case=_case(stage), subject=stage.song, party=stage.label.party, stance=Stance.RELEASE)


def _dealt(stage: Stage) -> BlanketDealRegistered:
    return BlanketDealRegistered(
        deal=stage.deal,
        label=stage.label.party,
        licensee=stage.lab.party,
        uses=TRAIN,
        scopes=(Scope(ScopeKind.PRESENT_WORKS),),
        asserted_by=stage.label.party,
        by_label=True,
    )


MOVES: dict[str, Move] = {
    "link withdrawn": lambda stage: LinkWithdrawn(link=stage.ids["linked"]),
    "name withdrawn": lambda stage: LinkWithdrawn(link=stage.ids["named"]),
    "claim withdrawn": lambda stage: ClaimWithdrawn(claim=stage.ids["wrote"], at=0),
    "singer withdrawn": lambda stage: ClaimWithdrawn(claim=stage.ids["sang"], at=0),
    "chain": _chain,
    "collection": _collection,
    "title": lambda stage: TitleGiven(subject=stage.song, title="Free for all"),
    "answer": lambda stage: RegistrationAnswered(
        answer="answer_1",
        work=stage.song,
        answered_by=stage.society.party,
        status=AnswerStatus.DEREGISTERED,
        said_at=0,
    ),
    "ai": lambda stage: AiDisclosed(subject=stage.take, extent=AiExtent.ALL, said_by=stage.label.party, said_at=10**15),
    "signal": lambda stage: DealSignalled(
        release="release_x",
        recordings=(stage.take,),
        uses=("UseForTrainingGenerativeAI",),
        said_by=stage.label.party,
        said_at=10**15,
    ),
    "notice": lambda stage: NoticeGiven(
        things=(stage.take,), said_by=stage.label.party, said_at=10**15, kind=NoticeKind.PURGED
    ),
    "case answered": _answered,
    "case escalated": lambda stage: CaseEscalated(case=_case(stage), subject=stage.song, party=stage.label.party),
    "case decided": _ruled,
    "dispute closed": lambda stage: DisputeClosed(case=_case(stage), outcome="settled"),
    "same as": _same,
    "agreed": lambda stage: LinkReviewed(
        link=stage.ids["machine"], agreed=True, reviewed_by=stage.label.party, tier=Tier.ADJUDICATED
    ),
    "decided same": _decided,
    "deal": _dealt,
    "deal ended": lambda stage: DealEnded(deal=stage.deal, at=0, ended_by=stage.label.party),
}


def _set(stage: Stage) -> None:
    """All that a row needs but the writer's yes; a machine's proposal, and a dispute about another work."""
    stage.ids["linked"] = stage.link(stage.take, Relation.EMBODIES, stage.song, stage.label)
    whole(stage, link=False)
    stage.ids["named"] = stage.link(ISRC, Relation.IDENTIFIES, stage.take, stage.label)
    stage.ids["own_take"] = stage.ids["recording_own"] = stage.house.ids.new("recording")
    stage.claim(stage.ids["own_take"], stage.evil.party, Role.PRODUCER, stage.evil)
    stage.ids["machine"] = stage.link(
        stage.take, Relation.SAME_AS, stage.ids["own_take"], stage.label, tier=Tier.ASSERTED
    )
    stage.ids["case_open"] = stage.house.ids.new("case")
    stage.ids["disputed"] = stage.house.ids.new("work")
    stage.record(
        DisputeOpened(
            case=stage.ids["case_open"],
            subject=stage.ids["disputed"],
            side=Side.WORK,
            opened_by=stage.society.party,
            tier=Tier.DOCUMENTED,
            reason="whose is it",
            next_actor=stage.label.party,
            due_at=stage.house.clock.now() + 10**14,
        ),
        by=stage.society,
    )


def _held(stage: Stage) -> set[Any]:
    registry = stage.house.rights.load(size=stage.house.index.catch_up()).registry
    at = stage.house.clock.now()
    return {
        (subject, claim.organisation, claim.fact.claim)
        for subject in (stage.song, stage.take)
        for claim in registry.claims(subject)
        if claim.in_force(at)
    } | {(stage.take, work) for work in registry.works_of(stage.take)}


@given(moves=st.lists(st.sampled_from(sorted(MOVES)), min_size=1, max_size=5))
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_app_strangers_trade_open_nothing_and_take_nothing_away(stage: Stage, moves: list[str]) -> None:
    if "linked" not in stage.ids:
        _set(stage)
        stage.say_yes(stage.bo, stage.label.party)
    before, held = stage.status(), _held(stage)
    cases = {(case.case, case.subject, case.stage, case.next_actor) for case in open_cases(stage.house)}
    for move in moves:
        stage.record(MOVES[move](stage))
    assert before is not Status.CLEARED
    assert stage.status() is before
    assert held <= _held(stage)
    now = {(case.case, case.subject, case.stage, case.next_actor) for case in open_cases(stage.house)}
    assert cases <= now, "every conflict is where it was"


@pytest.mark.parametrize("move", sorted(MOVES))
def test_app_strangers_trade_leave_a_cleared_row_or_put_holders_in_question(stage: Stage, move: str) -> None:
    """Nothing but a claim on identity or title can take a clearance away, and nothing clears what was not."""
    _set(stage)
    stage.say_yes(stage.ada, stage.bo, stage.label.party)
    assert stage.status() is Status.CLEARED
    held = _held(stage)
    stage.record(MOVES[move](stage))
    assert stage.status() is Status.CLEARED
    assert held <= _held(stage)
