"""Which works and recordings are awry, and how: disjoint draws, decided before anything is built."""

from __future__ import annotations

from collections.abc import Mapping

from cantoria.app.sample import settings, story
from cantoria.app.sample.dice import Dice


def plant(dice: Dice, *, count: int, rates: Mapping[str, float]) -> dict[int, str]:
    """Return the mess of each number in [story's, count) that gets one; each kind at least `LEAST_PLANTED` times."""
    numbers = dice.shuffled(range(story.WORKS + 2, count))
    planted: dict[int, str] = {}
    for kind, rate in rates.items():
        for _ in range(max(settings.LEAST_PLANTED, round(count * rate))):
            if numbers:
                planted[numbers.pop()] = kind
    return planted
