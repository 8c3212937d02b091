"""Collections as CWR tells them: for a party, layers of territories without overlap, each with its three shares."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from cantoria.formats.cwr.meaning.territory import Shares, Step, steps
from cantoria.formats.cwr.meaning.words import RIGHTS
from cantoria.formats.entries import Collection
from cantoria.kernel import territories
from cantoria.kernel.territories import WORLD, TerritorySet

NOTHING: Shares = (Fraction(0), Fraction(0), Fraction(0))
PLACES = {right: place for place, (_, right) in enumerate(RIGHTS)}


def layers(collections: Iterable[Collection], *, at: int) -> list[list[tuple[Shares, str]]]:
    """Return the collections of one party as layers: in each, every country has one set of shares. A right that is
    collected twice in a country stands in two layers."""
    found: list[list[Collection]] = []
    for one in collections:
        where = territories.resolve(one.territory, at=at)
        for layer in found:
            if not any(
                other.right is one.right and territories.resolve(other.territory, at=at) & where for other in layer
            ):
                layer.append(one)
                break
        else:
            found.append([one])
    return [_regions(layer, at) for layer in found]


def spoken(parts: list[tuple[Shares, str]], *, reach: str, at: int) -> list[Step]:
    """Return the records for these parts; for a party that collects nothing, those of its `reach` with no shares,
    unless that is the world."""
    if parts:
        return steps(parts, at=at)
    if not reach or reach == WORLD:
        return []
    return steps([(NOTHING, reach)], at=at)


def covered(parts: list[tuple[Shares, str]], *, at: int) -> TerritorySet:
    """Return the countries of the parts together."""
    return _union(territories.resolve(expression, at=at) for _, expression in parts)


def _regions(layer: list[Collection], at: int) -> list[tuple[Shares, str]]:
    """Return the shares of the three rights together, territory by territory."""
    by_territory: dict[str, list[Fraction]] = {}
    for one in layer:
        shares = by_territory.setdefault(one.territory, [Fraction(0)] * len(RIGHTS))
        shares[PLACES[one.right]] += one.share
    sets = {text: territories.resolve(text, at=at) for text in by_territory}
    if sum(map(len, sets.values())) == len(_union(sets.values())):
        return _merged([((shares[0], shares[1], shares[2]), text) for text, shares in by_territory.items()])
    regions: dict[Shares, list[str]] = {}
    for country in _union(sets.values()):
        here = [Fraction(0)] * len(RIGHTS)
        for text, shares in by_territory.items():
            if country in sets[text]:
                here = [one + more for one, more in zip(here, shares, strict=True)]
        regions.setdefault((here[0], here[1], here[2]), []).append(country)
    named = {sets[text].mask: text for text in by_territory}
    return [
        (shares, named.get(territories.resolve(" ".join(codes), at=at).mask, " ".join(codes)))
        for shares, codes in regions.items()
    ]


def _merged(parts: list[tuple[Shares, str]]) -> list[tuple[Shares, str]]:
    """Return parts with equal shares as one, where none takes anything away."""
    found: dict[Shares, str] = {}
    rest = []
    for shares, text in parts:
        if shares in found and "-" not in text and "-" not in found[shares]:
            found[shares] = f"{found[shares]} {text}"
        elif shares in found:
            rest.append((shares, text))
        else:
            found[shares] = text
    return [*found.items(), *rest]


def _union(sets: Iterable[TerritorySet]) -> TerritorySet:
    whole = TerritorySet(0)
    for one in sets:
        whole |= one
    return whole
