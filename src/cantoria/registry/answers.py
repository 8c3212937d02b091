"""Where the registrations of works stand with those who were asked to take them: the latest answer of each.

A society and a work make one case: open, accepted, in conflict, rejected or ended, and whose turn it is. Nothing is
taken from an answer but that it was given: shares and links do not change by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from cantoria.kernel.facts import Recorded
from cantoria.registry.answer_facts import AnswerStatus, RegistrationAnswered


class RegistrationState(StrEnum):
    """Where one registration stands with one answerer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    ENDED = "ended"


class NextActor(StrEnum):
    """Whose turn it is."""

    ANSWERER = "answerer"
    SENDER = "sender"
    NOBODY = "nobody"


_OPEN, _ACCEPTED, _REJECTED = RegistrationState.OPEN, RegistrationState.ACCEPTED, RegistrationState.REJECTED
STANDING: Final = MappingProxyType(
    {
        AnswerStatus.RECEIVED: (_OPEN, NextActor.ANSWERER),
        AnswerStatus.ACCEPTED: (_ACCEPTED, NextActor.NOBODY),
        AnswerStatus.ACCEPTED_PAYABLE: (_ACCEPTED, NextActor.NOBODY),
        AnswerStatus.ACCEPTED_CHANGED: (_ACCEPTED, NextActor.SENDER),  # to see whether the changes are right
        AnswerStatus.ACCEPTED_CHANGED_PAYABLE: (_ACCEPTED, NextActor.SENDER),
        AnswerStatus.DUPLICATE: (_ACCEPTED, NextActor.NOBODY),
        AnswerStatus.CONFLICT: (RegistrationState.CONFLICT, NextActor.SENDER),
        AnswerStatus.REJECTED: (_REJECTED, NextActor.SENDER),
        AnswerStatus.CLAIM_REJECTED: (_REJECTED, NextActor.SENDER),
        AnswerStatus.NO_PARTICIPATION: (_REJECTED, NextActor.NOBODY),
        AnswerStatus.NO_AGREEMENT: (_REJECTED, NextActor.SENDER),
        AnswerStatus.WRONG_AGREEMENT: (_REJECTED, NextActor.SENDER),
        AnswerStatus.DEREGISTERED: (RegistrationState.ENDED, NextActor.NOBODY),
        AnswerStatus.NOT_DEREGISTERED: (_OPEN, NextActor.SENDER),
        AnswerStatus.UNKNOWN_WORK: (_REJECTED, NextActor.SENDER),
    }
)


@dataclass(frozen=True, slots=True)
class Registration:
    """One work with one answerer: its latest answer, what that means, and how many answers there were.

    `sender` is the organisation that recorded the answers: the one whose registration it is.
    """

    recorded: Recorded[RegistrationAnswered]
    state: RegistrationState
    next_actor: NextActor
    answers: int

    @property
    def fact(self) -> RegistrationAnswered:
        return self.recorded.fact

    @property
    def sender(self) -> str:
        return self.recorded.organisation


_Key = tuple[str, str, str]  # work, who answered, whose registration


class Answers:
    """Every answer, by work. Make one with `fold`; `add` takes in one more fact, in ledger order."""

    __slots__ = ("_by_work", "_count", "_latest", "_seen")

    def __init__(self) -> None:
        self._latest: dict[_Key, Recorded[RegistrationAnswered]] = {}
        self._count: dict[_Key, int] = {}
        self._by_work: dict[str, dict[_Key, None]] = {}
        self._seen: set[tuple[str, str]] = set()

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]]) -> Answers:
        """Return the answers among the facts; others are passed over, and the ledger index alone gives the order."""
        answers = Answers()
        for recorded in sorted(facts, key=lambda recorded: recorded.index):
            if isinstance(recorded.fact, RegistrationAnswered):
                answers.add(recorded)
        return answers

    def add(self, recorded: Recorded[RegistrationAnswered]) -> None:
        """Take in an answer. The latest by its own date counts, among those of one day the one recorded last."""
        fact = recorded.fact
        name = (recorded.organisation, fact.answer)
        if name in self._seen:
            return
        self._seen.add(name)
        key = (str(fact.work), fact.answered_by, recorded.organisation)
        before = self._latest.get(key)
        if before is None or fact.said_at >= before.fact.said_at:
            self._latest[key] = recorded
        self._count[key] = self._count.get(key, 0) + 1
        self._by_work.setdefault(str(fact.work), {})[key] = None

    def of(self, work: str) -> tuple[Registration, ...]:
        """Return where a work stands with each who answered, in order of their code."""
        return tuple(self._registration(key) for key in sorted(self._by_work.get(work, ())))

    def all(self) -> Iterator[Registration]:
        """Give every registration that was answered to, by work and answerer."""
        return (self._registration(key) for key in sorted(self._latest))

    def conflicts(self) -> Iterator[Registration]:
        """Give the registrations that an answerer says are in conflict with another one: each is a case to settle."""
        return (one for one in self.all() if one.state is RegistrationState.CONFLICT)

    def _registration(self, key: _Key) -> Registration:
        recorded = self._latest[key]
        state, actor = STANDING[recorded.fact.status]
        return Registration(recorded, state, actor, self._count[key])
