"""Draws: the same everywhere, even, and independent of other streams."""

from __future__ import annotations

from collections import Counter

from cantoria.app.sample.dice import Dice, Wheel


def test_a_stream_begins_with_the_words_that_its_definition_gives() -> None:
    # SHAKE-256 of "cantoria/sample/v1/1/test/0", little-endian words, taken from the end of the block.
    dice = Dice(seed=1, stream="test")
    assert [dice.word() for _ in range(3)] == FIRST_WORDS


def test_streams_of_other_names_and_seeds_differ() -> None:
    heads = {Dice(seed=seed, stream=stream).word() for seed in (1, 2) for stream in ("a", "b")}
    assert len(heads) == 4


def test_draws_stay_in_their_bounds_and_reach_them() -> None:
    dice = Dice(seed=3, stream="bounds")
    drawn = Counter(dice.between(5, 7) for _ in range(3_000))
    assert set(drawn) == {5, 6, 7}
    assert min(drawn.values()) > 900


def test_few_and_shuffled_keep_items_once() -> None:
    dice = Dice(seed=4, stream="mix")
    assert sorted(dice.shuffled(range(100))) == list(range(100))
    assert len(set(dice.few(range(10), 4))) == 4
    assert sorted(dice.few(range(3), 10)) == [0, 1, 2]


def test_a_wheel_follows_its_weights() -> None:
    dice = Dice(seed=5, stream="wheel")
    wheel = Wheel((1, 0, 3))
    spun = Counter(wheel.spin(dice) for _ in range(4_000))
    assert set(spun) == {0, 2}
    assert 2.5 < spun[2] / spun[0] < 3.5
    scattered = Counter(wheel.at(turn) for turn in range(40))
    assert 8 <= scattered[0] <= 12


FIRST_WORDS = [0x71F99136D1E81739, 0x3B8922A1FBCA62A8, 0xF1C8C9F48A633DA1]
