"""What a deal means, and why something recorded of one has no effect, in one line a person can act on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cantoria.kernel.periods import format_moment
from cantoria.licensing.types import DealState, WhyNot
from cantoria.licensing.views import Deal

LINES: Final[dict[WhyNot, str]] = {
    WhyNot.SCOPE: "a blanket deal speaks of recordings, releases, catalogues or the label's present recordings",
    WhyNot.TERRITORY: "the territory of the deal cannot be read",
    WhyNot.NO_USE: "the deal names no use",
    WhyNot.NOT_THEIRS_TO_END: "only who recorded a deal, a party to it, or a register ends it",
}
MEANING: Final = "it is at most the label's own yes; every other holder still has to say theirs"


def explain(deal: Deal, *, at: int, name: Callable[[str], str] = str) -> str:
    """Return a deal as one line: who with whom, for what, who says so, who contests it, and what it means."""
    fact = deal.fact
    uses = ", ".join(sorted(use.value for use in fact.uses))
    says = "the label says so itself" if deal.own_word else f"{name(str(fact.asserted_by))} says so"
    parts = [f"blanket deal of {name(fact.label)} with {name(fact.licensee)} for {uses} ({says})"]
    match deal.state(at):
        case DealState.NOT_YET:
            parts.append(f"not before {format_moment(fact.period.start)}")
        case DealState.ENDED:
            parts.append("ended")
        case DealState.IN_FORCE:
            pass
    for contest in deal.contests:
        said = contest.recorded.fact
        who = name(said.contested_by) + ("" if contest.concerned else ", not known to be concerned,")
        parts.append(f"contested by {who}: {said.reason}")
    return "; ".join([*parts, MEANING])
