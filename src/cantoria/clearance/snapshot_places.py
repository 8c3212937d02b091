"""Places: sets of countries as numbers, as of one moment, and the classes of countries that expressions tell apart."""

from __future__ import annotations

from cantoria.clearance.snapshot_numbers import Numbers
from cantoria.clearance.snapshot_schema import WORLD_PLACE
from cantoria.kernel import territories
from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError
from cantoria.kernel.territories import TerritorySet


class Places:
    """What territory expressions mean at the moment `at`. A mask is that of a `TerritorySet`; it is never stored."""

    def __init__(self, numbers: Numbers[str], *, at: int) -> None:
        self._numbers, self._at = numbers, at
        self._world = territories.countries(at).mask
        self._by_mask: dict[int, int] = {}
        self._by_text: dict[str, int] = {}
        self._classes: dict[tuple[str, ...], tuple[tuple[str, int], ...]] = {}
        if not len(numbers):
            require(self.number(self._world) == WORLD_PLACE, "the world is the first place")

    def number(self, mask: int) -> int:
        """Return the number of a set of countries."""
        number = self._by_mask.get(mask)
        if number is None:
            number = self._by_mask[mask] = self._numbers[text_of(mask)]
        return number

    def named(self, expression: str) -> int:
        """Return the number of the countries that a territory expression means."""
        number = self._by_text.get(expression)
        if number is None:
            mask = territories.resolve(expression, at=self._at).mask
            number = self._by_text[expression] = self.number(mask)
        return number

    def classes(self, expressions: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        """Return the countries of the world in classes that these expressions do not tell apart, each as one country
        that stands for it (TIS code) and its mask. An expression that nobody can read tells none apart."""
        classes = self._classes.get(expressions)
        if classes is None:
            masks = [self._world]
            for expression in expressions:
                held = self._held(expression)
                masks = [part for mask in masks for part in (mask & held, mask & ~held) if part]
            found = ((next(iter(TerritorySet(mask))), mask) for mask in masks)
            classes = self._classes[expressions] = tuple(found)
        return classes

    def _held(self, expression: str) -> int:
        try:
            return territories.resolve(expression, at=self._at).mask
        except InputError:
            return self._world


def text_of(mask: int) -> str:
    """Return a set of countries as it stands in table `place`: their TIS codes, sorted, with a space between."""
    return " ".join(sorted(TerritorySet(mask)))
