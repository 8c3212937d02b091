"""Finding weights: from known truth (logistic regression), or from the pairs alone (EM); and the calibration, where
the truth is known (isotonic regression).

All of it looks at patterns with their counts, so a million pairs cost no more than their few thousand patterns. EM
reads no truth: a run may fit the model to its own pairs. It begins from the shipped weights, for begun from nothing it
finds the wrong two classes (one song or two, not one recording or two).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from cantoria.kernel.errors import InputError
from cantoria.registry.matching.model import ALWAYS_KNOWN, BIT, Knot, Model, levels_of
from cantoria.registry.matching.types import FIELD_LEVELS, PPM, Field, Pattern

ROUNDS_MAX: Final = 200
SETTLED: Final = 1e-6
STEEPNESS: Final = 4.0  # before anything is known a level is so much likelier than the one below it, in a match
PSEUDO: Final = 20.0  # pairs that are thought to have been seen beside the others, with levels as they occur in all
RARE: Final = 0.5
WEIGHT_MAX: Final = 14 * BIT
LEARNING_ROUNDS: Final = 500
LEARNING_STEP: Final = 0.12  # of a Newton step in each weight: they move together
RIDGE: Final = 1.0  # pulls what is hardly ever seen to nothing
KNOTS_MIN_PAIRS: Final = 60
CERTAIN_PPM: Final = 999_500  # nothing is surer than the truth that a calibration has seen

Shares = dict[Field, list[float]]


@dataclass(frozen=True, slots=True)
class Estimated:
    """What EM found: the share of matches among the pairs, m and u by field and level, and in how many rounds."""

    share: float
    matching: Shares
    others: Shares
    rounds: int

    def weights(self) -> dict[Field, tuple[int, ...]]:
        """Return the weights in thousandths of a bit; what is missing weighs nothing."""
        return {field: tuple(self._weight(field, level) for level in range(levels_of(field))) for field in FIELD_LEVELS}

    def prior(self) -> int:
        """Return the prior odds in thousandths of a bit."""
        return round(BIT * math.log2(self.share / (1 - self.share)))

    def _weight(self, field: Field, level: int) -> int:
        if level == 0 and field not in ALWAYS_KNOWN:
            return 0
        weight = round(BIT * math.log2(self.matching[field][level] / self.others[field][level]))
        return max(-WEIGHT_MAX, min(WEIGHT_MAX, weight))


def estimate(counts: Mapping[int, int], *, begin: Estimated | None = None) -> Estimated:
    """Return what EM finds in patterns with their counts; `begin` is where to begin. Without pairs: `InputError`."""
    if not counts:
        raise InputError("there are no pairs to estimate from", "match more rows, or use the model that is shipped")
    rows = [(Pattern(number), count) for number, count in sorted(counts.items())]
    found = begin or _beginning(rows)
    for number in range(1, ROUNDS_MAX + 1):
        after = _round(rows, found, number)
        settled = abs(after.share - found.share) < SETTLED
        found = after
        if settled:
            break
    return found


def _beginning(rows: Sequence[tuple[Pattern, int]]) -> Estimated:
    """Return where EM begins: levels as they occur for what differs, ever likelier ones for what matches."""
    others = _shares(rows, [1.0] * len(rows))
    matching = {}
    for field in FIELD_LEVELS:
        steps = [STEEPNESS ** (-level if field is Field.FACETS else level) for level in range(levels_of(field))]
        if field not in ALWAYS_KNOWN:
            steps[0] = 0.0
        matching[field] = [step / sum(steps) for step in steps]
    return Estimated(0.2, matching, others, 0)


def _round(rows: Sequence[tuple[Pattern, int]], found: Estimated, number: int) -> Estimated:
    weights = {
        field: [
            0.0
            if level == 0 and field not in ALWAYS_KNOWN
            else math.log(found.matching[field][level] / found.others[field][level])
            for level in range(levels_of(field))
        ]
        for field in FIELD_LEVELS
    }
    prior = math.log(found.share / (1 - found.share))
    beliefs = []
    for pattern, _ in rows:
        odds = prior + sum(one[pattern.level(field)] for field, one in weights.items())
        beliefs.append(1 / (1 + math.exp(-max(-60.0, min(60.0, odds)))))
    total = sum(count for _, count in rows)
    share = sum(belief * count for belief, (_, count) in zip(beliefs, rows, strict=True)) / total
    return Estimated(
        min(max(share, 1e-6), 1 - 1e-6),
        _shares(rows, beliefs),
        _shares(rows, [1 - belief for belief in beliefs]),
        number,
    )


def _shares(rows: Sequence[tuple[Pattern, int]], beliefs: Sequence[float]) -> Shares:
    """Return how the levels of each field are shared out among the pairs, each counted by how far it is believed."""
    found: Shares = {}
    for field in FIELD_LEVELS:
        sums, seen = [0.0] * levels_of(field), [0.0] * levels_of(field)
        for (pattern, count), belief in zip(rows, beliefs, strict=True):
            sums[pattern.level(field)] += count * belief
            seen[pattern.level(field)] += count
        if field not in ALWAYS_KNOWN:
            sums[0] = seen[0] = 0.0
        # A level is thought to have been seen a little among both, as often as it is among all: one that never occurs
        # then weighs nothing.
        everything = sum(seen) + len(seen) * RARE
        sums = [one + PSEUDO * (all_seen + RARE) / everything for one, all_seen in zip(sums, seen, strict=True)]
        found[field] = [one / sum(sums) for one in sums]
    return found


def learn(labelled: Mapping[int, tuple[int, int]]) -> tuple[int, dict[Field, tuple[int, ...]]]:
    """Return the prior and the weights that fit patterns with known truth best: (pairs, of these matches) by pattern.

    A logistic regression on the levels. It is the Fellegi-Sunter model without its assumption that fields say
    independent things: title, writers and ISWC all tell which song it is, and none of them which recording of it.
    """
    told = _telling(labelled)
    rows = [(_places(Pattern(number), told), *counts) for number, counts in sorted(labelled.items())]
    total, matches = sum(row[1] for row in rows), sum(row[2] for row in rows)
    if not 0 < matches < total:
        raise InputError("there must be pairs of both kinds to learn from", "generate more rows")
    values = [0.0] * (1 + levels_of(Field.TITLE) * (1 + len(FIELD_LEVELS)))
    values[0] = math.log(matches / (total - matches))
    for _ in range(LEARNING_ROUNDS):
        slopes, bends = [-RIDGE * one for one in values], [RIDGE] * len(values)
        for places, pairs, matched in rows:
            odds = sum(values[place] for place in places)
            belief = 1 / (1 + math.exp(-max(-40.0, min(40.0, odds))))
            slope, bend = matched - pairs * belief, pairs * belief * (1 - belief)
            for place in places:
                slopes[place] += slope
                bends[place] += bend
        values = [one + LEARNING_STEP * slope / bend for one, slope, bend in zip(values, slopes, bends, strict=True)]
    weights = {
        field: tuple(_rounded(values[_place(field, level)]) for level in range(levels_of(field)))
        for field in FIELD_LEVELS
    }
    return _rounded(values[0]), weights


def _telling(numbers: Iterable[int]) -> tuple[Field, ...]:
    """Return the fields that have more than one level in these patterns; the others say nothing."""
    patterns = [Pattern(number) for number in numbers]
    return tuple(field for field in FIELD_LEVELS if len({pattern.level(field) for pattern in patterns}) > 1)


def _places(pattern: Pattern, fields: tuple[Field, ...]) -> tuple[int, ...]:
    known = ((field, level) for field in fields if (level := pattern.level(field)) or field in ALWAYS_KNOWN)
    return (0, *(_place(field, level) for field, level in known))


def _place(field: Field, level: int) -> int:
    return 1 + levels_of(Field.TITLE) * field + level


def _rounded(natural: float) -> int:
    return max(-WEIGHT_MAX, min(WEIGHT_MAX, round(BIT * natural / math.log(2))))


def calibrate(scored: Iterable[tuple[int, int, int]]) -> tuple[Knot, ...]:
    """Return the knots of the rising curve that fits best (isotonic regression, pool adjacent violators).

    `scored` gives (weight, pairs, of these matches), weights in any order. Blocks of few pairs join their neighbours,
    and nothing gets nearer to 0 or 1 than the number of pairs behind it allows (one more of each is thought seen).
    """
    blocks: list[list[int]] = []  # sum of weight * pairs, pairs, matches
    for weight, pairs, matches in sorted(scored):
        blocks.append([weight * pairs, pairs, matches])
        while len(blocks) > 1 and _violates(blocks[-2], blocks[-1]):
            last = blocks.pop()
            blocks[-1] = [a + b for a, b in zip(blocks[-1], last, strict=True)]
    knots: dict[int, int] = {}
    highest = 0
    for total, pairs, matches in blocks:
        ppm = min(CERTAIN_PPM, max(PPM - CERTAIN_PPM, (matches + 1) * PPM // (pairs + 2)))
        highest = max(highest, ppm)
        knots[total // pairs] = max(highest, knots.get(total // pairs, 0))
    if len(knots) < 2:
        raise InputError("too few pairs to calibrate on", "give pairs of both kinds")
    return tuple(sorted(knots.items()))


def _violates(before: list[int], after: list[int]) -> bool:
    """Tell whether two neighbouring blocks must be one: the later is not above the earlier, or one is too small."""
    small = min(before[1], after[1]) < KNOTS_MIN_PAIRS
    return small or before[2] * after[1] >= after[2] * before[1]


def fitted(model: Model, counts: Mapping[int, int]) -> Model:
    """Return the model with weights estimated from these patterns, begun from its own, with its calibration.

    The calibration maps log-odds to probabilities; it was found for the shipped weights, so treat what a model of
    another house says as an estimate, and watch the shares in the review queue.
    """
    found = estimate(counts, begin=_begun(model, counts))
    return replace(model, version=f"{model.version}+estimated", prior=found.prior(), weights=found.weights())


def _begun(model: Model, counts: Mapping[int, int]) -> Estimated:
    """Return where EM begins with a model at hand: the pairs that the model believes in are the matches."""
    rows = [(Pattern(number), count) for number, count in sorted(counts.items())]
    beliefs = [model.probability(model.weight(pattern)) / PPM for pattern, _ in rows]
    total = sum(count for _, count in rows)
    share = sum(belief * count for belief, (_, count) in zip(beliefs, rows, strict=True)) / total
    others = [1 - belief for belief in beliefs]
    return Estimated(min(max(share, 1e-6), 1 - 1e-6), _shares(rows, beliefs), _shares(rows, others), 0)


def reliability(scored: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Return tenths of probability: (lowest millionths, pairs, mean millionths said, millionths that were matches).

    `scored` gives (probability in millionths, pairs, of these matches).
    """
    bins: dict[int, list[int]] = {}
    for ppm, pairs, matches in scored:
        one = bins.setdefault(min(9, ppm * 10 // PPM), [0, 0, 0])
        one[0] += pairs
        one[1] += ppm * pairs
        one[2] += matches
    return [
        (number * PPM // 10, pairs, said // pairs, matches * PPM // pairs)
        for number, (pairs, said, matches) in sorted(bins.items())
        if pairs
    ]


def rises(knots: Sequence[Knot]) -> bool:
    """Tell whether a calibration never falls."""
    return all(before[1] <= after[1] for before, after in pairwise(knots))
