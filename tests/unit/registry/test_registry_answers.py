"""Where registrations stand: the latest answer of each answerer to each work, and whose turn it is."""

from __future__ import annotations

import pytest

from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import WorkId
from cantoria.registry.answer_facts import AnswerStatus, RegistrationAnswered
from cantoria.registry.answers import STANDING, Answers, NextActor, RegistrationState


def said(
    index: int, status: AnswerStatus, *, at: int, organisation: str = "party_pub", **more: str
) -> Recorded[RegistrationAnswered]:
    values = {"answer": f"answer_{index}", "work": "work_1", "answered_by": "society:052", **more}
    fact = RegistrationAnswered(
        answer=values["answer"],
        work=WorkId(values["work"]),
        answered_by=values["answered_by"],
        status=status,
        said_at=at,
    )
    return Recorded(index, f"fact_{index}", organisation, Capacity.PUBLISHER, index, fact)


@pytest.mark.parametrize("status", AnswerStatus)
def test_every_status_has_a_state_and_a_next_actor(status: AnswerStatus) -> None:
    (one,) = Answers.fold([said(0, status, at=1)]).of("work_1")
    assert (one.state, one.next_actor) == STANDING[status]
    assert one.answers == 1


@pytest.mark.parametrize(
    ("status", "state", "actor"),
    [
        (AnswerStatus.RECEIVED, RegistrationState.OPEN, NextActor.ANSWERER),
        (AnswerStatus.ACCEPTED, RegistrationState.ACCEPTED, NextActor.NOBODY),
        (AnswerStatus.ACCEPTED_CHANGED, RegistrationState.ACCEPTED, NextActor.SENDER),
        (AnswerStatus.CONFLICT, RegistrationState.CONFLICT, NextActor.SENDER),
        (AnswerStatus.REJECTED, RegistrationState.REJECTED, NextActor.SENDER),
        (AnswerStatus.DEREGISTERED, RegistrationState.ENDED, NextActor.NOBODY),
    ],
)
def test_what_an_answer_means(status: AnswerStatus, state: RegistrationState, actor: NextActor) -> None:
    assert STANDING[status] == (state, actor)


def test_the_latest_answer_by_its_own_date_counts() -> None:
    later = said(0, AnswerStatus.ACCEPTED, at=20)
    answers = Answers.fold([said(1, AnswerStatus.CONFLICT, at=10), later])
    (one,) = answers.of("work_1")
    assert (one.recorded, one.answers) == (later, 2)
    assert list(answers.conflicts()) == []
    same_day = Answers.fold([later, said(2, AnswerStatus.REJECTED, at=20)])
    assert same_day.of("work_1")[0].state is RegistrationState.REJECTED


def test_the_same_answer_recorded_again_says_nothing_new() -> None:
    first, again = said(0, AnswerStatus.CONFLICT, at=1), said(1, AnswerStatus.CONFLICT, at=1, answer="answer_0")
    (one,) = Answers.fold([first, again]).of("work_1")
    assert (one.recorded, one.answers) == (first, 1)


def test_answerers_works_and_senders_are_apart() -> None:
    answers = Answers.fold(
        [
            said(0, AnswerStatus.CONFLICT, at=1),
            said(1, AnswerStatus.ACCEPTED, at=1, answered_by="society:118"),
            said(2, AnswerStatus.REJECTED, at=1, work="work_2"),
            said(3, AnswerStatus.RECEIVED, at=9, organisation="party_other"),
        ]
    )
    found = {(one.fact.work, one.fact.answered_by, one.sender): one.state for one in answers.all()}
    assert found == {
        ("work_1", "society:052", "party_pub"): RegistrationState.CONFLICT,
        ("work_1", "society:118", "party_pub"): RegistrationState.ACCEPTED,
        ("work_2", "society:052", "party_pub"): RegistrationState.REJECTED,
        ("work_1", "society:052", "party_other"): RegistrationState.OPEN,
    }
    assert [one.fact.work for one in answers.conflicts()] == ["work_1"]
    assert answers.of("work_9") == ()
