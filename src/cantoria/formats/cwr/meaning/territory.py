"""Territories of CWR: a party's inclusions and exclusions, in order, as one expression for each set of shares.

The last word on a country counts: an inclusion takes it out of what was said before with other shares, an exclusion
takes it out altogether. An exclusion that stands before every inclusion is taken out of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Final

from cantoria.kernel import territories
from cantoria.kernel.territories import TerritorySet

TOKENS_MAX: Final = 600  # an expression of the kernel has at most 4,096 characters
Shares = tuple[Fraction, Fraction, Fraction]  # performing, mechanical, synchronisation
Step = tuple[str, str, Shares]  # I or E, TIS code, shares


@dataclass(slots=True)
class _Part:
    """The territories with one set of shares: as sent, and the countries that they mean."""

    tokens: list[str]
    where: TerritorySet

    def add(self, token: str, where: TerritorySet) -> None:
        """Add a token, after which the part means `where`; a part of very many tokens is spelled out in countries."""
        self.tokens.append(token)
        self.where = where
        if len(self.tokens) > TOKENS_MAX:
            self.tokens = list(where)


@dataclass(slots=True)
class Scope:
    """The territories of one party in one place of a transaction. `at` is the moment at which groups are resolved."""

    at: int
    _parts: dict[Shares, _Part] = field(default_factory=dict)
    _ahead: dict[str, TerritorySet] = field(default_factory=dict)

    def include(self, code: str, shares: Shares) -> None:
        """Add a territory with its shares; raises `InputError` for an unknown code."""
        where = territories.resolve(code, at=self.at)
        self._take_out(code, where, keep=shares)
        part = self._parts.setdefault(shares, _Part([], TerritorySet(0)))
        if not where <= part.where:
            part.add(code, part.where | where)

    def exclude(self, code: str) -> bool:
        """Take a territory out; False when it was in nothing. Raises `InputError` for an unknown code."""
        where = territories.resolve(code, at=self.at)
        if not self._parts:
            self._ahead[code] = where
            return True
        return self._take_out(code, where, keep=None)

    def _take_out(self, code: str, where: TerritorySet, *, keep: Shares | None) -> bool:
        found = False
        for shares, part in list(self._parts.items()):
            if shares == keep or not part.where & where:
                continue
            found = True
            part.add(f"-{code}", part.where - where)
            if not part.where:
                del self._parts[shares]
        return found

    def expressions(self) -> list[tuple[Shares, str]]:
        """Return each set of shares with its territory expression, in order of mention."""
        found = []
        for shares, part in self._parts.items():
            tokens, where = list(part.tokens), part.where
            for code, out in self._ahead.items():
                if where & out:
                    tokens.append(f"-{code}")
                    where -= out
            if where:
                found.append((shares, _canonical(" ".join(tokens if len(tokens) <= TOKENS_MAX else where))))
        return found

    def everywhere(self) -> str:
        """Return the expression of all territories together, "" when there are none."""
        parts = list(dict.fromkeys(expression for _, expression in self.expressions()))
        if len(parts) > 1:
            tokens = " ".join(parts).split()
            if len(tokens) <= TOKENS_MAX and not any(token[0] == "-" for token in tokens):
                return _canonical(" ".join(tokens))
            # Taking away holds for one part alone, so the union is spelled out in countries.
            countries = {code for part in parts for code in territories.resolve(part, at=self.at)}
            return _canonical(" ".join(sorted(countries)))
        return parts[0] if parts else ""


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
