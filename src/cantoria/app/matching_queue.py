"""The review queue: what a person should look at first, with both sides, the reasons in words, and the evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cantoria.app.house import House
from cantoria.app.matching import load_decisions
from cantoria.app.matching_stakes import Stake, Stakes, load_stakes, names_at_stake
from cantoria.app.matching_tables import knowing, row_of
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.registry import Registry
from cantoria.registry.facts import RecordingRegistered, WorkRegistered
from cantoria.registry.match_facts import MatchDecided, MatchingRun, MatchKind
from cantoria.registry.matching.attachment import read_pairs
from cantoria.registry.matching.decisions import Decisions
from cantoria.registry.matching.model import Model, shipped
from cantoria.registry.matching.ports import ScoredPair
from cantoria.registry.matching.types import Band, Row
from cantoria.registry.matching.words import Feature, features, rule_in_words

SOURCE_TAGS = (WorkRegistered.TYPE.tag, RecordingRegistered.TYPE.tag)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who registered a side, and from which file and line (empty and 0 where it was not a file)."""

    organisation: str
    file: str
    line: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A pair to look at. `rule` says in words what kept it from being a link; `said` is what others decided."""

    run: str
    pair: ScoredPair
    left: Row
    right: Row
    features: tuple[Feature, ...]
    rule: str
    stake: Stake
    said: tuple[Recorded[MatchDecided], ...]
    left_evidence: tuple[Evidence, ...]
    right_evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """The first items of the queue, how many there are, and by what they are ranked."""

    items: tuple[Item, ...]
    total: int
    basis: str
    currency: str


def queue(
    house: House,
    kind: MatchKind,
    *,
    organisation: str,
    band: Band = Band.REVIEW,
    currency: str = "EUR",
    limit: int = 20,
    run: str = "",
) -> Queue:
    """Return what is left to review of the newest run of a kind (or of `run`, whoever made it), most money first.

    Left out is what the organisation or a register settled; what is not on record any more is counted and not shown.
    Pairs about which nothing is at stake come last, the likeliest first.
    """
    decisions = load_decisions(house)
    made = decisions.runs.get(run) if run else decisions.latest_run(kind, organisation=organisation)
    if made is None:
        raise InputError(f"no matching run of {kind}s", "run one first: `cantoria match run`")
    registry = house.rights.load(size=house.index.catch_up()).registry
    stakes = load_stakes(house, currency=currency)
    open_pairs = list(_open(house, made, decisions, organisation, band))
    ranked = sorted(open_pairs, key=lambda pair: _rank(house, registry, stakes, pair))
    items = (item_around(house, registry, stakes, decisions, made, pair) for pair in ranked[:limit])
    return Queue(tuple(item for item in items if item), len(ranked), stakes.basis, currency)


def item_of(
    house: House, left: str, right: str, *, found: tuple[Recorded[MatchingRun], ScoredPair], currency: str = "EUR"
) -> Item | None:
    """Return one pair as the queue shows it; None when a side is not on record any more."""
    registry = house.rights.load(size=house.index.catch_up()).registry
    stakes = load_stakes(house, currency=currency)
    return item_around(house, registry, stakes, load_decisions(house), *found)


def _open(
    house: House,
    made: Recorded[MatchingRun],
    decisions: Decisions,
    organisation: str,
    band: Band,
) -> Iterator[ScoredPair]:
    for pair in read_pairs(house.attachments.get(made.fact.attachment)):
        settled = decisions.settled_for(pair.left, pair.right, organisation=organisation)
        if pair.band is band and settled is None:
            yield pair


def _rank(house: House, registry: Registry, stakes: Stakes, pair: ScoredPair) -> tuple[int, int, int, int, str, str]:
    stake = _stake(house, registry, stakes, pair)
    return (-stake.waiting, -stake.earned, -stake.plays, -pair.probability_ppm, pair.left, pair.right)


def _stake(house: House, registry: Registry, stakes: Stakes, pair: ScoredPair) -> Stake:
    if stakes.basis == "nothing":
        return Stake()
    return stakes.of(name for thing in (pair.left, pair.right) for name in names_at_stake(house, registry, thing))


def item_around(
    house: House,
    registry: Registry,
    stakes: Stakes,
    decisions: Decisions,
    made: Recorded[MatchingRun],
    pair: ScoredPair,
) -> Item | None:
    """Return a pair as the queue shows it, with a registry that holds what hangs together with it; None when a side is
    not on record any more."""
    sides = [row_of(known, thing) for thing in (pair.left, pair.right) if (known := knowing(house, registry, thing))]
    if len(sides) != 2 or sides[0] is None or sides[1] is None:
        return None
    left, right = sides[0], sides[1]
    model: Model = shipped(made.fact.kind)
    return Item(
        run=made.fact.run,
        pair=pair,
        left=left,
        right=right,
        features=features(pair.pattern, model=model),
        rule=rule_in_words(pair.rule),
        stake=_stake(house, registry, stakes, pair),
        said=decisions.about(pair.left, pair.right),
        left_evidence=_evidence(house, pair.left),
        right_evidence=_evidence(house, pair.right),
    )


def _evidence(house: House, thing: str) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(said.organisation, said.fact.source.file, said.fact.source.line, said.index)
        for said in house.index.about([thing], tags=SOURCE_TAGS)
        if thing in (getattr(said.fact, "recording", ""), getattr(said.fact, "work", ""))
    )
