"""What is to be said to the outside of a thing: for each of our uses allowed, on terms, or refused.

A writer says of each category of its standard the strictest of what is said of the uses behind it (crosswalk), so what
is read back is at least as strict. A use that nobody spoke of is refused: silence is a no.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cantoria.consent.signals import Stance, Standard
from cantoria.consent.signals.crosswalk import crosswalk
from cantoria.kernel.uses import Use

_STRICT: Final = (Stance.ALLOWED, Stance.CONSTRAINED, Stance.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What is said of a thing: `target` names it (an address or URN), `stances` by use; `contact` is where a licence
    may be had (an address on the web or of mail), without which terms are told as refusals; `location` is its path on
    the site that publishes this."""

    target: str
    stances: Mapping[Use, Stance] = field(default_factory=dict)
    contact: str = ""
    location: str = "/"

    def of(self, use: Use) -> Stance:
        """Return what is said of a use."""
        stance = self.stances.get(use, Stance.REFUSED)
        return Stance.REFUSED if stance is Stance.CONSTRAINED and not self.contact else stance

    def of_category(self, standard: Standard, category: str) -> Stance:
        """Return what is said of a category of a standard: the strictest over its uses; refused for one without any."""
        uses = crosswalk().uses(standard, category)
        return strictest(self.of(use) for use in uses) if uses else Stance.REFUSED

    def unsaid(self, standard: Standard, categories: Iterable[str]) -> tuple[Use, ...]:
        """Return the uses that are not allowed and of which these categories cannot speak."""
        spoken = frozenset().union(*(crosswalk().uses(standard, category) for category in categories))
        return tuple(use for use in Use if self.of(use) is not Stance.ALLOWED and use not in spoken)


def strictest(stances: Iterable[Stance]) -> Stance:
    """Return the strictest of stances, refused for none."""
    ranks = [_STRICT.index(stance) for stance in stances]
    return _STRICT[max(ranks)] if ranks else Stance.REFUSED
