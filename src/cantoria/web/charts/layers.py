"""Lay a graph out in layers: who stands in which column, in which order, so that few edges cross.

Columns come in a fixed order. An edge that passes over columns gets a place in each of them, so that it runs between
their nodes. Within a column the order is by barycentre (Sugiyama, Tagawa and Toda 1981): each node goes to the mean
place of its neighbours, a few times to and fro. Equal inputs give equal pictures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Final

SWEEPS: Final = 6
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns from left to right, each with its places from the top: names of nodes, and of points (names with a
    blank at their end) through which a long edge runs. `routes` gives for each edge the names that it runs through."""

    columns: tuple[tuple[str, ...], ...]
    routes: Mapping[Edge, tuple[str, ...]] = field(default_factory=dict)


def lay_out(columns: Sequence[Sequence[str]], edges: Iterable[Edge]) -> Layout:
    """Return the layout of nodes given column by column; edges between nodes that are not there are left out, and
    those within one column run straight."""
    at = {name: number for number, column in enumerate(columns) for name in column}
    places = [list(column) for column in columns]
    routes: dict[Edge, tuple[str, ...]] = {}
    near: dict[str, list[str]] = {}
    for number, (source, target) in enumerate(dict.fromkeys(edges)):
        if source not in at or target not in at:
            continue
        step = 1 if at[source] < at[target] else -1
        points = [f"{number} {column} " for column in range(at[source] + step, at[target], step)]
        if at[source] == at[target]:
            points = []
        for column, point in zip(range(at[source] + step, at[target], step), points, strict=True):
            places[column].append(point)
        route = (source, *points, target)
        routes[source, target] = route
        for one, other in pairwise(route):
            near.setdefault(one, []).append(other)
            near.setdefault(other, []).append(one)
    for sweep in range(SWEEPS):
        _sweep(places, near, backwards=bool(sweep % 2))
    return Layout(tuple(map(tuple, places)), routes)


def _sweep(places: list[list[str]], near: Mapping[str, Sequence[str]], *, backwards: bool) -> None:
    """Order each column by the mean place of its nodes' neighbours in the column before (behind, when going back)."""
    step = 1 if backwards else -1
    numbers = range(len(places) - 2, -1, -1) if backwards else range(1, len(places))
    for number in numbers:
        fixed = places[number + step]
        rank = {name: Fraction(2 * place + 1, 2 * len(fixed)) for place, name in enumerate(fixed)}
        here = places[number]
        own = {name: Fraction(2 * place + 1, 2 * len(here)) for place, name in enumerate(here)}
        here.sort(key=lambda name: _mean([rank[one] for one in near.get(name, ()) if one in rank], own[name]))


def _mean(ranks: Sequence[Fraction], otherwise: Fraction) -> Fraction:
    return sum(ranks, Fraction(0)) / len(ranks) if ranks else otherwise
