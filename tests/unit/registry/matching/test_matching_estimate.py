"""Weights from truth and from pairs alone, and calibration: what is put in comes out."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.registry.match_facts import MatchKind
from cantoria.registry.matching.estimate import calibrate, estimate, fitted, learn, reliability
from cantoria.registry.matching.model import Model, shipped
from cantoria.registry.matching.types import PPM, Code, Field, Names, Pattern, Title

M = {Field.TITLE: (0.02, 0.98), Field.FIRST_CODE: (0.1, 0.9), Field.NAMES: (0.05, 0.95)}
U = {Field.TITLE: (0.9, 0.1), Field.FIRST_CODE: (0.98, 0.02), Field.NAMES: (0.8, 0.2)}
LEVELS = {
    Field.TITLE: (Title.DIFFERENT, Title.EQUAL),
    Field.FIRST_CODE: (Code.DISAGREE, Code.AGREE),
    Field.NAMES: (Names.DIFFERENT, Names.EQUAL),
}
SHARE = 0.3


def world() -> dict[int, tuple[int, int]]:
    """Pairs drawn from a known model: (pairs, matches) by pattern."""
    dice = random.Random(5)
    found: dict[int, tuple[int, int]] = {}
    for _ in range(20_000):
        match = dice.random() < SHARE
        chances = M if match else U
        pattern = Pattern.of({field: LEVELS[field][dice.random() > one[0]] for field, one in chances.items()})
        pairs, matches = found.get(pattern.number, (0, 0))
        found[pattern.number] = (pairs + 1, matches + match)
    return found


WORLD = world()


def test_matching_em_finds_the_model_that_made_the_pairs() -> None:
    found = estimate({number: pairs for number, (pairs, _) in WORLD.items()})
    assert abs(found.share - SHARE) < 0.02
    for field, (low, high) in LEVELS.items():
        assert abs(found.matching[field][high] - M[field][1]) < 0.05
        assert abs(found.others[field][low] - U[field][0]) < 0.05
        assert found.weights()[field][0] == 0, "what is missing weighs nothing"


def test_matching_learns_weights_from_truth() -> None:
    prior, weights = learn(WORLD)
    assert weights[Field.FIRST_CODE][Code.AGREE] > weights[Field.TITLE][Title.EQUAL] > 0
    assert weights[Field.TITLE][Title.DIFFERENT] < 0
    blank = Model(MatchKind.RECORDING, "test", prior, weights, ((0, 0), (1, 1)))
    knots = calibrate((blank.weight(Pattern(number)), *counts) for number, counts in WORLD.items())
    model = replace(blank, knots=knots)
    told = [(model.probability(model.weight(Pattern(number))), *counts) for number, counts in WORLD.items()]
    assert all(abs(said - found) < PPM // 20 for _, pairs, said, found in reliability(told) if pairs > 500)


def test_matching_needs_pairs_to_learn_from() -> None:
    with pytest.raises(InputError):
        estimate({})
    with pytest.raises(InputError):
        learn({1: (10, 0)})
    with pytest.raises(InputError):
        calibrate([(0, 5, 1)])


def test_matching_fits_a_model_to_other_pairs() -> None:
    model = shipped(MatchKind.RECORDING)
    counts = {number: pairs for number, (pairs, _) in WORLD.items()}
    found = fitted(model, counts)
    assert found.version.endswith("+estimated")
    assert found.digest != model.digest
    assert found.knots == model.knots


@given(
    st.lists(
        st.tuples(st.integers(-20_000, 20_000), st.integers(1, 400)).flatmap(
            lambda one: st.tuples(st.just(one[0]), st.just(one[1]), st.integers(0, one[1]))
        ),
        min_size=2,
        max_size=40,
    )
)
def test_matching_calibration_never_falls(scored: list[tuple[int, int, int]]) -> None:
    try:
        knots = calibrate(scored)
    except InputError:
        return  # all of it was one block
    assert all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(knots))
    assert all(0 < ppm < PPM for _, ppm in knots)
