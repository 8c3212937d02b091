"""The interval rule: sums are exact, nothing depends on order, corrections are differences."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.money import FINE_MAX
from cantoria.kernel.shares import Bound, W, allocate, compile_bounds, muldiv_floor, portion

AMOUNTS = st.integers(-FINE_MAX, FINE_MAX)
WEIGHTS = st.dictionaries(st.text(min_size=1, max_size=8), st.integers(0, 10_000), min_size=1, max_size=12).filter(
    lambda weights: sum(weights.values()) > 0
)


def shares_of(weights: dict[str, int]) -> dict[str, Fraction]:
    total = sum(weights.values())
    return {holder: Fraction(weight, total) for holder, weight in weights.items()}


def test_thirds_by_hand() -> None:
    third = Fraction(1, 3)
    bounds = compile_bounds({"c": third, "a": third, "b": third})
    assert bounds == (
        Bound("a", 0, 333_333_333),
        Bound("b", 333_333_333, 666_666_666),
        Bound("c", 666_666_666, W),
    )
    assert allocate(100, bounds) == {"a": 33, "b": 33, "c": 34}
    assert allocate(-100, bounds) == {"a": -33, "b": -33, "c": -34}
    assert allocate(1, bounds) == {"a": 0, "b": 0, "c": 1}
    assert allocate(0, bounds) == {"a": 0, "b": 0, "c": 0}


def test_holders_stand_in_byte_order() -> None:
    half = Fraction(1, 4)
    bounds = compile_bounds({"é": half, "z": half, "Z": half, "\U0001f3b5": half})
    assert [bound.holder for bound in bounds] == ["Z", "z", "é", "\U0001f3b5"]


@pytest.mark.parametrize(
    "shares",
    [
        {},
        {"a": Fraction(0)},
        {"a": Fraction(1, 2)},
        {"a": Fraction(1, 2), "b": Fraction(1, 2), "c": Fraction(1, 10**12)},
        {"a": Fraction(3, 2), "b": Fraction(-1, 2)},
        {"a": Fraction(1, 10**10), "b": Fraction(1) - Fraction(1, 10**10)},
        {"a": Fraction(101, 100)},
    ],
)
def test_compile_refuses(shares: dict[str, Fraction]) -> None:
    with pytest.raises(InputError):
        compile_bounds(shares)


def test_tiny_share_that_still_gets_one_part_is_paid() -> None:
    tiny = Fraction(1, 10**10)
    bounds = compile_bounds({"a": 1 - tiny, "a0": Fraction(0), "b": tiny})
    assert allocate(W, bounds) == {"a": W - 1, "a0": 0, "b": 1}


@pytest.mark.parametrize(
    "bounds",
    [
        (),
        (Bound("a", 0, W - 1),),
        (Bound("a", 1, W),),
        (Bound("a", 0, 5), Bound("b", 6, W)),
        (Bound("a", 0, 6), Bound("b", 5, W)),
        (Bound("a", 0, 5), Bound("a", 5, W)),
    ],
)
def test_allocate_refuses_broken_bounds(bounds: tuple[Bound, ...]) -> None:
    with pytest.raises(IntegrityError):
        allocate(100, bounds)


@pytest.mark.parametrize(("amount", "bound"), [(-1, 0), (FINE_MAX + 1, 0), (0, -1), (0, W + 1)])
def test_portion_refuses(amount: int, bound: int) -> None:
    with pytest.raises(InputError):
        portion(amount, bound)


def test_allocate_refuses_more_than_63_bits() -> None:
    with pytest.raises(InputError):
        allocate(-(2**63), compile_bounds({"a": Fraction(1)}))


@given(st.integers(0, FINE_MAX), st.integers(0, W))
def test_portion_is_the_exact_floor_within_64_bits(amount: int, bound: int) -> None:
    assert portion(amount, bound) == amount * bound // W
    assert (amount // W) * bound <= FINE_MAX
    assert (amount % W) * bound <= FINE_MAX


@given(AMOUNTS, WEIGHTS)
def test_allocation_adds_up_and_stays_near_the_exact_share(amount: int, weights: dict[str, int]) -> None:
    shares = shares_of(weights)
    parts = allocate(amount, compile_bounds(shares))
    assert sum(parts.values()) == amount
    assert parts.keys() == shares.keys()
    for holder, share in shares.items():
        assert abs(parts[holder] - amount * share) <= Fraction(abs(amount), W) + 1
        assert share or parts[holder] == 0
        assert parts[holder] * amount >= 0


@given(AMOUNTS, WEIGHTS, st.randoms(use_true_random=False))
def test_insertion_order_does_not_matter(amount: int, weights: dict[str, int], random: object) -> None:
    items = list(shares_of(weights).items())
    random.shuffle(items)  # type: ignore[attr-defined]
    assert compile_bounds(dict(items)) == compile_bounds(shares_of(weights))
    assert allocate(amount, compile_bounds(dict(items))) == allocate(amount, compile_bounds(shares_of(weights)))


@given(st.lists(st.integers(-(2**58), 2**58), min_size=1, max_size=12), WEIGHTS)
def test_posted_differences_converge_to_one_allocation(amounts: list[int], weights: dict[str, int]) -> None:
    bounds = compile_bounds(shares_of(weights))
    posted = dict.fromkeys(weights, 0)
    cumulative = 0
    for amount in amounts:
        cumulative += amount
        for holder, due in allocate(cumulative, bounds).items():
            posted[holder] += due - posted[holder]
            assert posted[holder] == due
    assert posted == allocate(sum(amounts), bounds)


@given(st.integers(0, 2**61), st.integers(0, 2**61), WEIGHTS)
def test_cumulative_difference_completes_what_was_posted(first: int, second: int, weights: dict[str, int]) -> None:
    bounds = compile_bounds(shares_of(weights))
    before, after = allocate(first, bounds), allocate(first + second, bounds)
    difference = {holder: after[holder] - before[holder] for holder in after}
    assert sum(difference.values()) == second
    assert {holder: before[holder] + difference[holder] for holder in before} == after
    assert all(abs(difference[holder] - part) <= 2 for holder, part in allocate(second, bounds).items())


@given(AMOUNTS, WEIGHTS)
def test_negative_is_the_mirror(amount: int, weights: dict[str, int]) -> None:
    bounds = compile_bounds(shares_of(weights))
    assert allocate(-amount, bounds) == {holder: -part for holder, part in allocate(amount, bounds).items()}


@given(AMOUNTS, st.integers(0, 2**63), st.integers(1, 2**63))
def test_muldiv_is_exact(amount: int, numerator: int, denominator: int) -> None:
    exact = Fraction(abs(amount) * numerator, denominator)
    if exact >= FINE_MAX + 1:
        with pytest.raises(InputError):
            muldiv_floor(amount, numerator, denominator)
        return
    result = muldiv_floor(amount, numerator, denominator)
    assert abs(result) <= exact < abs(result) + 1
    assert result * amount >= 0


@pytest.mark.parametrize(("numerator", "denominator"), [(1, 0), (1, -1), (-1, 1)])
def test_muldiv_refuses(numerator: int, denominator: int) -> None:
    with pytest.raises(InputError):
        muldiv_floor(1, numerator, denominator)
