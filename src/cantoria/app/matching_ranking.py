"""The review queue page by page: ranked once for each state of the ledger, drawn only where somebody looks.

`matching_queue` reads the rights of the whole house; here only what hangs together with the pairs on a page is read,
so that the queue of a society with millions of recordings opens like any other page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from cantoria.app import matching_queue, rights
from cantoria.app.house import House
from cantoria.app.matching import load_decisions
from cantoria.app.matching_queue import Item
from cantoria.app.matching_stakes import Stake, Stakes, load_stakes
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.match_facts import MatchingRun, MatchKind
from cantoria.registry.matching.attachment import read_pairs
from cantoria.registry.matching.decisions import Decisions
from cantoria.registry.matching.ports import ScoredPair
from cantoria.registry.matching.types import Band
from cantoria.registry.types import Relation

WEIGHED_MAX: Final = 20_000  # pairs whose money is looked up: the likeliest ones


@dataclass(frozen=True, slots=True)
class Ranked:
    """What is left to review of a run, most money first. `total` counts all pairs, `pairs` holds those weighed."""

    made: Recorded[MatchingRun]
    decisions: Decisions
    stakes: Stakes
    pairs: tuple[ScoredPair, ...]
    total: int


def ranked(house: House, kind: MatchKind, *, organisation: str, band: Band, currency: str) -> Ranked | None:
    """Return the queue of the newest run of a kind that the organisation works with; None where there is no run."""
    size = house.index.catch_up()
    return house.memo.get(
        ("matches", size, kind, organisation, band, currency),
        lambda: _ranked(house, kind, organisation=organisation, band=band, currency=currency),
    )


def items(house: House, found: Ranked, pairs: Sequence[ScoredPair]) -> list[Item]:
    """Return pairs side by side; a pair of which a side is not on record any more is left out."""
    if not pairs:
        return []
    things = [thing for pair in pairs for thing in (pair.left, pair.right)]
    registry = rights.load_around(house.index, subjects=things, size=house.index.catch_up()).registry
    drawn = (
        matching_queue.item_around(house, registry, found.stakes, found.decisions, found.made, pair) for pair in pairs
    )
    return [one for one in drawn if one is not None]


def _ranked(house: House, kind: MatchKind, *, organisation: str, band: Band, currency: str) -> Ranked | None:
    decisions = load_decisions(house)
    made = decisions.latest_run(kind, organisation=organisation)
    if made is None:
        return None
    try:
        data = house.attachments.get(made.fact.attachment)
    except InputError:
        return None  # another member's run whose pairs are not kept here
    stakes = load_stakes(house, currency=currency)
    open_pairs = [
        pair
        for pair in read_pairs(data)
        if pair.band is band and decisions.settled_for(pair.left, pair.right, organisation=organisation) is None
    ]
    weighed = nlargest(WEIGHED_MAX, open_pairs, key=lambda pair: (pair.probability_ppm, pair.left, pair.right))
    heavy = {pair: _stake(house, stakes, pair) for pair in weighed}

    def rank(pair: ScoredPair) -> tuple[int, int, int, int, str, str]:
        stake = heavy[pair]
        return (-stake.waiting, -stake.earned, -stake.plays, -pair.probability_ppm, pair.left, pair.right)

    return Ranked(made, decisions, stakes, tuple(sorted(weighed, key=rank)), len(open_pairs))


def _stake(house: House, stakes: Stakes, pair: ScoredPair) -> Stake:
    if stakes.basis == "nothing":
        return Stake()
    return stakes.of(name for thing in (pair.left, pair.right) for name in _names(house, thing))


def _names(house: House, thing: str) -> list[str]:
    """Return the ids and codes under which money of a thing may stand: its own, and of a work its recordings'."""
    said = house.index.about([thing], tags=[LinkAsserted.TYPE.tag])
    named = [one.fact.left for one in said if one.fact.relation is Relation.IDENTIFIES and one.fact.right == thing]
    carried = [one.fact.left for one in said if one.fact.relation is Relation.EMBODIES and one.fact.right == thing]
    return [thing, *named, *(name for one in carried for name in _names(house, one))]
