"""Minimum, cap, recoupment: cumulative per contract and period, and nothing of it vanishes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Money
from cantoria.royalty.contract import Earned, by_weights, dues
from cantoria.royalty.tariff import Basis, PoolTerms, Tariff, Terms

POOLS = (
    PoolTerms(name="output", basis=Basis.ATTRIBUTION, fraction=Fraction(2, 30)),
    PoolTerms(name="training", basis=Basis.EQUAL_PER_WORK, fraction=Fraction(1, 30)),
)


NO_LIMITS = Terms()


def tariff(terms: Terms = NO_LIMITS, pools: tuple[PoolTerms, ...] = POOLS) -> Tariff:
    return Tariff(
        tariff="t",
        publisher="p",
        currency="EUR",
        pools=pools,
        work_fraction=Fraction(1, 2),
        territory="0724",
        terms=terms,
    )


def earned(*revenues: int) -> list[Earned]:
    return [Earned(period=f"p{number}", revenue=revenue, units={}) for number, revenue in enumerate(revenues)]


def euros(fine: int) -> Money:
    return Money(fine, "EUR")


def test_fractions_of_revenue_are_rounded_down_for_each_pool() -> None:
    (due,) = dues(tariff(), earned(100))
    assert dict(due.pools) == {"output": 6, "training": 3}
    assert (due.due, due.payable, due.recouped) == (9, 9, 0)


def test_a_unit_price_needs_no_revenue() -> None:
    pools = (PoolTerms(name="plays", basis=Basis.USAGE, unit_price=Fraction(7, 2)),)
    (due,) = dues(tariff(pools=pools), [Earned(period="p", revenue=0, units={"plays": 3})])
    assert due.pools == {"plays": 10}


def test_a_minimum_lifts_in_the_proportions_of_what_was_earned() -> None:
    (due,) = dues(tariff(Terms(minimum=euros(100))), earned(300))
    assert due.pools == {"output": 66, "training": 34}


def test_a_minimum_without_revenue_is_divided_by_the_fractions() -> None:
    (due,) = dues(tariff(Terms(minimum=euros(100))), earned(0))
    assert due.pools == {"output": 66, "training": 34}


def test_a_cap_cuts() -> None:
    (due,) = dues(tariff(Terms(cap=euros(50))), earned(3000))
    assert (due.due, sum(due.pools.values())) == (50, 50)


def test_an_advance_is_recouped_over_the_periods() -> None:
    found = dues(tariff(Terms(advance=euros(500))), earned(3000, 3000, 3000))
    assert [(due.recouped, due.payable) for due in found] == [(300, 0), (200, 100), (0, 300)]


def test_a_late_correction_of_an_early_period_moves_the_recoupment() -> None:
    found = dues(tariff(Terms(advance=euros(500))), earned(9000, 3000, 3000))
    assert [(due.recouped, due.payable) for due in found] == [(500, 400), (0, 300), (0, 300)]


@settings(deadline=None, derandomize=True)
@given(
    st.lists(st.integers(0, 10**15), max_size=6),
    st.integers(0, 10**12),
    st.integers(0, 10**14),
    st.integers(0, 10**14),
)
def test_dues_are_recouped_or_paid_and_pools_add_up(revenues: list[int], minimum: int, more: int, advance: int) -> None:
    terms = Terms(minimum=euros(minimum), cap=euros(minimum + more), advance=euros(advance))
    found = dues(tariff(terms), earned(*revenues))
    for due in found:
        assert minimum <= due.due <= minimum + more
        assert due.due == due.recouped + due.payable
        assert sum(due.pools.values()) == due.payable
        assert min(due.pools.values()) >= 0
    assert sum(due.recouped for due in found) == min(advance, sum(due.due for due in found))


@given(
    st.integers(-(10**18), 10**18),
    st.dictionaries(st.text(max_size=3), st.integers(0, 10**9), min_size=1).filter(lambda w: any(w.values())),
)
def test_weights_divide_exactly(amount: int, weights: dict[str, int]) -> None:
    parts = by_weights(amount, weights)
    assert sum(parts.values()) == amount
    for name, part in parts.items():
        assert abs(part - Fraction(amount * weights[name], sum(weights.values()))) < 1


def test_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        dues(tariff(), [*earned(1), *earned(2)])
    with pytest.raises(InputError, match="weights"):
        by_weights(5, {"a": 0})
    with pytest.raises(InputError, match="more than the revenue"):
        tariff(pools=(PoolTerms(name="a", basis=Basis.USAGE, fraction=Fraction(1)), POOLS[0]))
    with pytest.raises(InputError, match="limit in EUR"):
        tariff(Terms(cap=Money(1, "KRW")))
    with pytest.raises(InputError, match="63 bits"):
        dues(tariff(), [Earned(period="p", revenue=2**67, units={})])
