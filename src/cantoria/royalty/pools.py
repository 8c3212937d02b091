"""From tariff and evidence to the units of one pool, each with its split: the input of a distribution job."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cantoria.attribution.types import Weighed
from cantoria.attribution.weigh import Policy
from cantoria.kernel.check import require
from cantoria.royalty.facts import BalanceAged
from cantoria.royalty.split import renamed, whole
from cantoria.royalty.tariff import Analogy, AttributionTerms, Counting
from cantoria.royalty.types import DISPUTED, UNATTRIBUTED, UNMATCHED, Split, Units
from cantoria.royalty.units import by_analogy, spread


@dataclass(frozen=True, slots=True)
class PoolUnits:
    """The units of a pool and every split that they name."""

    units: tuple[Units, ...]
    splits: Mapping[str, Split]


def policy_of(terms: AttributionTerms) -> Policy:
    """Return the weighing policy that the tariff states."""
    return Policy(
        lower_bound=terms.counting is Counting.LOWER_BOUND,
        relative_error_max_ppm=terms.relative_error_max_ppm,
        analogy=terms.analogy is not Analogy.UNATTRIBUTED,
        analogy_without_evidence=terms.analogy_without_evidence,
    )


def units_of_recordings(
    units: Mapping[str, int],
    *,
    splits: Mapping[str, Split],
    unmatched: Mapping[str, int] | None = None,
    contested: Mapping[str, int] | None = None,
) -> PoolUnits:
    """Return the units of recordings (training set, plays) under their splits.

    `unmatched` units wait in `suspense:unmatched` and `contested` ones (a code that names several things) in
    `suspense:disputed`, each under its own code key so that each can be found and released.
    """
    held, escrow = whole(UNMATCHED), whole(DISPUTED)
    found = [Units(subject, splits[subject].version, units[subject]) for subject in sorted(units)]
    found += [Units(code, held.version, count) for code, count in sorted((unmatched or {}).items())]
    found += [Units(code, escrow.version, count) for code, count in sorted((contested or {}).items())]
    return _pool(found, [*splits.values(), held, escrow])


def units_of_generations(
    weighed: Weighed,
    *,
    artists: Mapping[str, tuple[str, ...]],
    splits: Mapping[str, Split],
    like: Mapping[str, int] | None = None,
) -> PoolUnits:
    """Return the units of weighed generations, in ppm; they add up to 1,000,000 for each generation.

    An artist's weight is divided equally over `artists[artist]`, its recordings in the training set; without any it
    stays unattributed. The analogy weight is divided like `like` (the training set or a named pool).
    """
    recordings: defaultdict[str, int] = defaultdict(int, weighed.recordings)
    unattributed = sum(weighed.unattributed.values())
    for artist, weight in weighed.artists.items():
        members = artists.get(artist, ())
        if not members:
            unattributed += weight
            continue
        for recording, part in spread(weight, members).items():
            recordings[recording] += part
    parts, rest = by_analogy(weighed.analogy, like or {})
    unattributed += rest
    for recording, part in parts.items():
        recordings[recording] += part
    nobody, escrow = whole(UNATTRIBUTED), whole(DISPUTED)
    found = [Units(subject, splits[subject].version, recordings[subject]) for subject in sorted(recordings)]
    found += [Units(subject, escrow.version, weight) for subject, weight in weighed.contested.items()]
    found.append(Units(UNATTRIBUTED, nobody.version, unattributed))
    pool = _pool(found, [*splits.values(), nobody, escrow])
    total = sum(one.units for one in pool.units)
    require(total == weighed.generations * 1_000_000, f"{weighed.generations} generations became {total} ppm")
    return pool


def subjects_of_generations(
    weighed: Weighed, *, artists: Mapping[str, tuple[str, ...]], like: Mapping[str, int] | None = None
) -> tuple[str, ...]:
    """Return every recording that may get units, so that its split can be built."""
    found = set(weighed.recordings)
    for artist in weighed.artists:
        found.update(artists.get(artist, ()))
    if weighed.analogy:
        found.update(like or {})
    return tuple(sorted(found))


def with_aged(pool: PoolUnits, aged: Iterable[BalanceAged]) -> PoolUnits:
    """Return the pool after balances of some subjects passed to their heirs: their splits name the heir instead.

    `aged` are the facts of this pool and period. Units do not change, so the money moves by a difference.
    """
    heirs: dict[str, dict[str, str]] = {}
    for balance in aged:
        heirs.setdefault(balance.subject, {})[balance.holder] = balance.heir
    splits = dict(pool.splits)
    units = []
    for one in pool.units:
        if one.subject in heirs:
            split = renamed(pool.splits[one.split], heirs[one.subject])
            splits[split.version] = split
            one = one._replace(split=split.version)
        units.append(one)
    return PoolUnits(tuple(units), splits)


def _pool(units: list[Units], splits: list[Split]) -> PoolUnits:
    return PoolUnits(tuple(one for one in units if one.units), {split.version: split for split in splits})
