"""A blanket deal with all that is said of it."""

from __future__ import annotations

from dataclasses import dataclass

from cantoria.kernel.facts import Recorded
from cantoria.licensing.facts import BlanketDealRegistered, DealContested
from cantoria.licensing.types import DealState


@dataclass(frozen=True, slots=True)
class Contest:
    """Somebody contests a deal. `concerned` tells that a party to it, or a holder of something that it touches, said so
    itself; everybody else's word is shown too."""

    recorded: Recorded[DealContested]
    concerned: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """A blanket deal as it stands. `own_word` tells that the label itself said so; otherwise it is a report.

    `ended_at` is when it was ended (UTC microseconds), None when nobody did.
    """

    recorded: Recorded[BlanketDealRegistered]
    own_word: bool
    contests: tuple[Contest, ...]
    ended_at: int | None

    @property
    def fact(self) -> BlanketDealRegistered:
        return self.recorded.fact

    def state(self, at: int) -> DealState:
        """Return whether the deal is in force at the moment `at`."""
        if (self.ended_at is not None and at >= self.ended_at) or (
            self.fact.period.end is not None and at >= self.fact.period.end
        ):
            return DealState.ENDED
        return DealState.IN_FORCE if at >= self.fact.period.start else DealState.NOT_YET
