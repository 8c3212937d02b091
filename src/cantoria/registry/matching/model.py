"""The Fellegi-Sunter model: what each level of each field weighs, and what a sum of weights is worth as a probability.

A weight is log2(m / u) in thousandths of a bit: m is how often a level occurs among pairs that are one thing, u among
pairs that are two. What is missing weighs nothing. The sum is made a probability by a calibration: knots of a rising
step function, found where the truth is known (`tools/make_matching_models.py`) and shipped with the weights. All of it
is integers, so that every engine gives the same answer; the digest names them all.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from cantoria.kernel import canonical
from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching._models import MODELS
from cantoria.registry.matching.types import FIELD_LEVELS, PPM, Field, Pattern

BIT: Final = 1_000  # units of a weight in one bit
ALWAYS_KNOWN: Final = frozenset({Field.OTHER_CODE, Field.FACETS})
"""Fields whose lowest level says something: no further code in common, the same version."""

Knot = tuple[int, int]


@dataclass(frozen=True)
class Model:
    """Weights by field and level (the level is the position), the weight of the prior odds, and the calibration:
    knots (weight, probability in millionths), rising in both. `version` names where they come from."""

    kind: MatchKind
    version: str
    prior: int
    weights: Mapping[Field, tuple[int, ...]]
    knots: tuple[Knot, ...]

    def __post_init__(self) -> None:
        require(set(self.weights) == set(FIELD_LEVELS), "a model weighs every field")
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(self.knots))
        require(len(self.knots) >= 2 and rising, "a calibration rises")
        require(all(0 <= ppm <= PPM for _, ppm in self.knots), "a probability lies in [0, 1]")

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over everything that decides."""
        value = {
            "kind": self.kind.value,
            "knots": [list(knot) for knot in self.knots],
            "prior": self.prior,
            "version": self.version,
            "weights": {field.name.lower(): list(weights) for field, weights in self.weights.items()},
        }
        return hashlib.sha256(canonical.encode(value)).hexdigest()

    @cached_property
    def _places(self) -> list[int]:
        return [weight for weight, _ in self.knots]

    def weight(self, pattern: Pattern) -> int:
        """Return the sum of the prior and all weights, in thousandths of a bit."""
        return self.prior + sum(weights[pattern.level(field)] for field, weights in self.weights.items())

    def probability(self, weight: int) -> int:
        """Return the calibrated probability of a weight, in millionths; between two knots on the line that joins
        them, so that more weight never means less."""
        after = bisect_right(self._places, weight)
        if after == 0:
            return self.knots[0][1]
        if after == len(self.knots):
            return self.knots[-1][1]
        (start, low), (end, high) = self.knots[after - 1], self.knots[after]
        return low + (high - low) * (weight - start) // (end - start)


def read_model(value: Mapping[str, object]) -> Model:
    """Return the model of a JSON object with the members that the digest covers. `InputError` for another shape."""
    try:
        weights = value["weights"]
        knots = value["knots"]
        prior = value["prior"]
        if not isinstance(weights, Mapping) or not isinstance(knots, Sequence) or not isinstance(prior, int):
            raise InputError("weights, knots or prior are of another type", "write them as `cantoria match run` does")
        return Model(
            kind=MatchKind(str(value["kind"])),
            version=str(value["version"]),
            prior=prior,
            weights={field: tuple(int(one) for one in weights[field.name.lower()]) for field in FIELD_LEVELS},
            knots=tuple((int(weight), int(ppm)) for weight, ppm in knots),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"no model of matching: {error}", "use one that was written by this programme") from error


def levels_of(field: Field) -> int:
    """Return how many levels a field has."""
    return len(FIELD_LEVELS[field])


def shipped(kind: MatchKind) -> Model:
    """Return the model that comes with this programme."""
    return read_model(MODELS[kind.value])
