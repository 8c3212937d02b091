"""Territories of CWR: a party's inclusions and exclusions, in order, as one expression for each set of shares.

The last word on a country counts: an inclusion takes it out of what was said before with other shares, an exclusion
takes it out altogether. An exclusion that stands before every inclusion is taken out of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from cantoria.kernel import territories
from cantoria.kernel.territories import TerritorySet

Shares = tuple[Fraction, Fraction, Fraction]  # performing, mechanical, synchronisation
Step = tuple[str, str, Shares]  # I or E, TIS code, shares


@dataclass(slots=True)
class _Part:
    """The territories with one set of shares: as sent, and the countries that they mean."""

    tokens: list[str]
    where: TerritorySet


@dataclass(slots=True)
class Scope:
    """The territories of one party in one place of a transaction. `at` is the moment at which groups are resolved."""

    at: int
    _parts: dict[Shares, _Part] = field(default_factory=dict)
    _ahead: list[str] = field(default_factory=list)

    def include(self, code: str, shares: Shares) -> None:
        """Add a territory with its shares; raises `InputError` for an unknown code."""
        where = territories.resolve(code, at=self.at)
        self._take_out(code, where, keep=shares)
        part = self._parts.get(shares)
        if part is None:
            self._parts[shares] = _Part([code], where)
        else:
            part.tokens.append(code)
            part.where |= where

    def exclude(self, code: str) -> bool:
        """Take a territory out; False when it was in nothing. Raises `InputError` for an unknown code."""
        where = territories.resolve(code, at=self.at)
        if not self._parts:
            self._ahead.append(code)
            return True
        return self._take_out(code, where, keep=None)

    def _take_out(self, code: str, where: TerritorySet, *, keep: Shares | None) -> bool:
        found = False
        for shares, part in list(self._parts.items()):
            if shares == keep or not part.where & where:
                continue
            found = True
            part.where -= where
            part.tokens.append(f"-{code}")
            if not part.where:
                del self._parts[shares]
        return found

    def expressions(self) -> list[tuple[Shares, str]]:
        """Return each set of shares with its territory expression, in order of mention."""
        ahead = [f"-{code}" for code in self._ahead]
        return [(shares, _canonical(" ".join([*part.tokens, *ahead]))) for shares, part in self._parts.items()]

    def everywhere(self) -> str:
        """Return the expression of all territories together, "" when there are none."""
        parts = list(dict.fromkeys(expression for _, expression in self.expressions()))
        if len(parts) > 1 and any("-" in part for part in parts):
            # Taking away holds for one part alone, so the union is spelled out in countries.
            parts = [code for part in parts for code in territories.resolve(part, at=self.at)]
        return _canonical(" ".join(parts)) if parts else ""


@lru_cache(maxsize=16_384)
def _canonical(expression: str) -> str:
    return territories.canonical(expression)


def steps(parts: Sequence[tuple[Shares, str]], *, at: int) -> list[Step]:
    """Return the records that say these expressions, whose countries are disjoint, such that reading them at the
    moment `at` gives the same countries again; raises `InputError` for an expression that is none."""
    wide = sorted(parts, key=lambda part: -len(territories.resolve(part[1], at=at)))
    said = [
        ("E", token[1:], shares) if token[0] == "-" else ("I", token, shares)
        for shares, expression in wide
        for token in territories.canonical(expression).split()
    ]
    if _meant(said, at) == {shares: territories.resolve(expression, at=at).mask for shares, expression in wide}:
        return said
    return [("I", code, shares) for shares, expression in wide for code in territories.resolve(expression, at=at)]


def _meant(said: Sequence[Step], at: int) -> dict[Shares, int]:
    scope = Scope(at)
    for sign, code, shares in said:
        if sign == "I":
            scope.include(code, shares)
        else:
            scope.exclude(code)
    return {shares: territories.resolve(expression, at=at).mask for shares, expression in scope.expressions()}
