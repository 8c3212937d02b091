"""The clock of a case: what was said in it, and deadlines that passed, move it from stage to stage.

A pure function of the case, of what is recorded, and of the moment asked about: nothing is stored, and a missed
deadline needs nobody to note it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from cantoria.kernel.facts import Recorded
from cantoria.kernel.periods import DAY
from cantoria.registry.conflict_facts import CaseAnswered, CaseDecided, CaseEscalated, Stance
from cantoria.registry.escalation import CARRY_OUT_DAYS, REGISTRAR, STEPS
from cantoria.registry.standing import REGISTERS
from cantoria.registry.types import Case, CaseEvent, Stage

Societies = Callable[[Iterable[str]], tuple[str, ...]]  # those of the holders named
SpeaksFor = Callable[[Recorded[Any], str], bool]  # tells whether who recorded something may speak for a party


def run(case: Case, said: Iterable[Recorded[Any]], *, at: int, societies: Societies, speaks_for: SpeaksFor) -> Case:
    """Return the case as it stands at the moment `at` after all that was said in it since it was opened."""
    clock = _Clock(case, societies, speaks_for, at)
    last = max(case.evidence, default=-1)
    for recorded in said:
        # What stands behind all its evidence was said in the case, whatever time its claimant wrote upon that.
        if recorded.claimed_at >= case.opened_at or recorded.index > last:
            clock.hear(recorded)
    return clock.state(at)


@dataclass(slots=True)
class _Clock:
    """Where the case stands after what was heard so far."""

    case: Case
    societies: Societies
    speaks_for: SpeaksFor
    now: int
    place: int = 0
    due: int = 0
    missed: int = 0
    decided: bool = False
    waiting: list[str] = field(default_factory=list)
    events: list[CaseEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiting = self._actors(0)
        self.due = self.case.due_at
        if not self.waiting:
            self._advance(self.case.opened_at)

    @property
    def stage(self) -> Stage:
        return Stage.DECIDED if self.decided else STEPS[self.case.kind][self.place].stage

    def state(self, at: int) -> Case:
        """Return the case at the moment `at`."""
        self._pass_time(at)
        return replace(
            self.case,
            due_at=self.due,
            next_actor=self.waiting[0],
            stage=self.stage,
            missed=self.missed,
            events=tuple(self.events),
        )

    def hear(self, recorded: Recorded[Any]) -> None:
        """Take in one fact of the case, in ledger order. Nobody's claim to speak in the future passes the time of the
        others."""
        self._pass_time(self._moment(recorded))
        match recorded.fact:
            case CaseAnswered() as fact:
                self._note(recorded, fact.stance.value, fact.text, self._answer(recorded, fact))
            case CaseEscalated() as fact:
                self._note(recorded, "escalate", fact.reason, self._escalate(recorded))
            case CaseDecided() as fact:
                self._note(recorded, "decide", fact.outcome, self._decide(recorded))
            case _:
                pass

    def _answer(self, recorded: Recorded[Any], fact: CaseAnswered) -> str:
        turn = [actor for actor in self.waiting if self._is(actor, recorded)]
        if not turn:
            return "" if self._concerned(recorded) else "who said it is no party to the case"
        if fact.stance is not Stance.RELEASE and not self.decided:  # what is released is still to be withdrawn
            self.waiting = [actor for actor in self.waiting if actor not in turn]
            if not self.waiting:
                self._advance(self._moment(recorded))
        return ""

    def _escalate(self, recorded: Recorded[Any]) -> str:
        if self.decided:
            return "the case is decided"
        if not self._concerned(recorded):
            return "who said it is no party to the case"
        return "" if self._advance(self._moment(recorded)) else "there is no further stage"

    def _decide(self, recorded: Recorded[Any]) -> str:
        if recorded.capacity not in REGISTERS:
            return "only a register decides"
        if recorded.organisation in self.case.concerned.interested:
            return "nobody decides in its own favour"
        self.decided = True
        self.waiting = [*self.case.concerned.claimants[:1]] or [REGISTRAR]
        self.due = max(self._moment(recorded), self.case.opened_at) + CARRY_OUT_DAYS * DAY
        return ""

    def _moment(self, recorded: Recorded[Any]) -> int:
        return min(recorded.claimed_at, self.now)

    def _note(self, recorded: Recorded[Any], what: str, text: str, without_effect: str) -> None:
        event = CaseEvent(
            recorded.index, recorded.claimed_at, recorded.organisation, what, text, without_effect=without_effect
        )
        self.events.append(event)

    def _pass_time(self, at: int) -> None:
        """Move on for every deadline that passed before `at`; the last stage waits until somebody decides."""
        while not self.decided and at > self.due and self._advance(self.due):
            self.missed += 1

    def _advance(self, now: int) -> bool:
        """Go to the next stage in which there is anybody to ask; tell whether there is one."""
        steps = STEPS[self.case.kind]
        for place in range(self.place + 1, len(steps)):
            actors = self._actors(place)
            if actors:
                self.place, self.waiting, self.due = place, actors, now + steps[place].days * DAY
                return True
        if not self.waiting:
            self.waiting = [REGISTRAR]
        return False

    def _actors(self, place: int) -> list[str]:
        known = self.case.concerned
        match STEPS[self.case.kind][place].stage:
            case Stage.CLAIMANT:
                return list(known.claimants)
            case Stage.OTHERS:
                return list(known.others)
            case Stage.SOCIETIES:
                return list(self.societies(known.holders))
            case _:
                return [REGISTRAR]

    def _is(self, actor: str, recorded: Recorded[Any]) -> bool:
        """Tell whether what was recorded is the word of an actor: its own, or said for it by who answers for it."""
        if actor == REGISTRAR:
            return recorded.capacity in REGISTERS
        return actor == recorded.organisation or (
            actor == getattr(recorded.fact, "party", "") and self.speaks_for(recorded, actor)
        )

    def _concerned(self, recorded: Recorded[Any]) -> bool:
        known = self.case.concerned
        names = {*known.claimants, *known.others, *known.holders, *known.interested}
        names.update(self.societies(known.holders))
        return recorded.capacity in REGISTERS or any(self._is(name, recorded) for name in sorted(names))
