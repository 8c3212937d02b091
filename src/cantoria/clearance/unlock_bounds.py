"""How many rows so many yeses can open at most: an upper bound that holds for every plan, by sharing rows out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from cantoria.kernel.errors import InputError

# Each group's rows are shared out among its voices, to so fine a part of a row.
PARTS: Final = 1 << 20
ROUNDS: Final = 12
SMALL: Final = 1_000  # with more groups, levelling ends where a round gains less than half a percent
WEIGHED_MAX: Final = 3_000_000  # voices of groups that are looked at in all rounds together


@dataclass(frozen=True, slots=True)
class Group:
    """So many `rows` miss the yes of exactly these voices (by number, ascending, at least one)."""

    voices: tuple[int, ...]
    rows: int


def merged(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return groups with one for each set of voices, in order of the sets; those without rows are left out."""
    rows: dict[tuple[int, ...], int] = {}
    for group in groups:
        if not group.voices or list(group.voices) != sorted(set(group.voices)) or group.rows < 0:
            raise InputError(f"{group!r:.80} is no group", "give ascending voices and how many rows miss them")
        rows[group.voices] = rows.get(group.voices, 0) + group.rows
    return tuple(Group(voices, rows[voices]) for voices in sorted(rows) if rows[voices])


def upper_bounds(groups: Sequence[Group], *, yeses: int) -> tuple[int, ...]:
    """Return for each number k from 0 to `yeses` a number of rows that no k yeses can exceed.

    Split the rows w of every group among its voices in any way, parts at least 0 that add up to w; let c(v) be what
    voice v gets from all groups. Choose any k voices: a group opens only if they contain *all* its voices, so its w is
    the sum of the parts of chosen voices. Hence the rows opened are at most the sum of c(v) over the chosen voices,
    and so at most the sum of the k largest c. This holds for every split, so the least over several splits holds too;
    over all splits that least is the optimum of the linear relaxation (its dual). A group with more than k voices never
    opens; the rows of all others are the second bound, and the smaller of the two is returned. Splits are whole parts,
    so there is no rounding but downwards at the very end, which is right because rows are whole.
    """
    sizes = [0] * (yeses + 1)
    for group in groups:
        if len(group.voices) <= yeses:
            sizes[len(group.voices)] += group.rows
    bounds = [sum(sizes[: k + 1]) for k in range(yeses + 1)]
    within = [group for group in groups if len(group.voices) <= yeses]
    # For fewer yeses than voices of a group, leaving that group out of the split would bound tighter; keeping it holds.
    for shares in _splits(within):
        before, total = bounds[yeses], 0
        for k, part in enumerate(nlargest(yeses, shares.values()), 1):
            total += part
            bounds[k] = min(bounds[k], total // PARTS)
        for k in range(len(shares) + 1, yeses + 1):
            bounds[k] = min(bounds[k], total // PARTS)
        if len(within) > SMALL and (before - bounds[yeses]) * 200 < before:
            break
    return tuple(bounds)


def _splits(groups: Sequence[Group]) -> Iterable[Mapping[int, int]]:
    """Give what voices get by splits that are better and better levelled: equal parts first, then each group moves its
    rows to those of its voices that have least from others. Every one is whole: parts add up to the group's rows."""
    parts = [_equal(group.rows * PARTS, len(group.voices)) for group in groups]
    shares: dict[int, int] = {}
    for group, split in zip(groups, parts, strict=True):
        for voice, part in zip(group.voices, split, strict=True):
            shares[voice] = shares.get(voice, 0) + part
    yield shares
    weighed = sum(len(group.voices) for group in groups) or 1
    for _ in range(min(ROUNDS, WEIGHED_MAX // weighed)):
        for position, group in enumerate(groups):
            if len(group.voices) > 1:
                for voice, part in zip(group.voices, parts[position], strict=True):
                    shares[voice] -= part
                parts[position] = _levelled(group.rows * PARTS, [shares[voice] for voice in group.voices])
                for voice, part in zip(group.voices, parts[position], strict=True):
                    shares[voice] += part
        yield shares


def _equal(total: int, count: int) -> list[int]:
    part, rest = divmod(total, count)
    return [part + (position < rest) for position in range(count)]


def _levelled(total: int, others: Sequence[int]) -> list[int]:
    """Return a split of `total` among voices that have `others` already: those with least are filled up to one level,
    so that no k of them have much together."""
    order = sorted(range(len(others)), key=lambda position: others[position])
    parts = [0] * len(others)
    left, level = total, 0
    for count, position in enumerate(order, 1):
        upper = others[order[count]] if count < len(order) else None
        level = others[position]
        fill = left if upper is None else min(left, (upper - level) * count)
        for place, share in zip(order[:count], _equal(fill, count), strict=True):
            parts[place] += share
        left -= fill
        if not left:
            break
    return parts
