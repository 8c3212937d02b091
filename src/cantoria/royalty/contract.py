"""What a contract owes: fractions of revenue and unit prices, then minimum, cap and recoupment (RULES section 9).

Everything is cumulative per contract and period: the same totals give the same dues, however often they were
declared or corrected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import lcm

from cantoria.kernel.errors import InputError
from cantoria.kernel.money import FINE_MAX
from cantoria.kernel.shares import muldiv_floor
from cantoria.royalty.tariff import Tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What one period brought: `revenue` in fine units, and the units of each pool that has a unit price."""

    period: str
    revenue: int
    units: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is due for one period. `raw` by pool before limits; `due` after minimum and cap; `recouped` is kept
    against the advance; `pools` divides `payable` = due - recouped. All in fine units."""

    period: str
    raw: Mapping[str, int]
    due: int
    recouped: int
    payable: int
    pools: Mapping[str, int]


def dues(tariff: Tariff, earned: Sequence[Earned]) -> tuple[Due, ...]:
    """Return what is due for each period, in the order given (oldest first, each period once).

    A minimum lifts and a cap cuts a period's total. An advance is recouped from the cumulative dues: period p pays
    max(0, D(p) - advance) - max(0, D(p-1) - advance), where D is the sum of dues so far.
    """
    periods = [one.period for one in earned]
    if len(set(periods)) != len(periods):
        raise InputError("a period stands twice in one contract", "add up its revenue first")
    advance = tariff.terms.advance.fine if tariff.terms.advance else 0
    found, so_far = [], 0
    for one in earned:
        raw = _raw(tariff, one)
        due = _limited(tariff, sum(raw.values()))
        payable = _beyond(so_far + due, advance) - _beyond(so_far, advance)
        so_far += due
        pools = raw if payable == sum(raw.values()) else by_weights(payable, _weights(tariff, raw))
        found.append(
            Due(
                period=one.period,
                raw=raw,
                due=due,
                recouped=due - payable,
                payable=payable,
                pools={name: pools[name] for name in sorted(pools)},
            )
        )
    return tuple(found)


def by_weights(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Divide `amount` by whole weights: the interval rule with the sum of weights as its measure.

    The parts add up to `amount`; a name gets F(high) - F(low) with F(b) = amount·b/sum rounded down, names in byte
    order. Of a negative amount the magnitude is divided and the sign restored.
    """
    whole = sum(weights.values())
    if whole <= 0 or min(weights.values()) < 0:
        raise InputError("weights are negative or all zero", "give at least one name a weight")
    parts, edge, paid = {}, 0, 0
    for name in sorted(weights, key=lambda name: name.encode()):
        edge += weights[name]
        until = muldiv_floor(amount, edge, whole)
        parts[name] = until - paid
        paid = until
    return parts


def _raw(tariff: Tariff, one: Earned) -> dict[str, int]:
    found = {}
    for pool in tariff.pools:
        if pool.unit_price is None:
            found[pool.name] = muldiv_floor(one.revenue, pool.fraction.numerator, pool.fraction.denominator)
        else:
            price = pool.unit_price
            found[pool.name] = muldiv_floor(one.units.get(pool.name, 0), price.numerator, price.denominator)
    if abs(sum(found.values())) > FINE_MAX:
        raise InputError(f"dues of {one.period} exceed 63 bits", "check the revenue")
    return found


def _limited(tariff: Tariff, amount: int) -> int:
    if tariff.terms.minimum is not None:
        amount = max(amount, tariff.terms.minimum.fine)
    if tariff.terms.cap is not None:
        amount = min(amount, tariff.terms.cap.fine)
    return amount


def _beyond(amount: int, advance: int) -> int:
    return max(0, amount - advance) if advance else amount


def _weights(tariff: Tariff, raw: Mapping[str, int]) -> dict[str, int]:
    """Return the proportions of the raw dues; where nothing was earned, of the tariff's fractions, else equal."""
    if sum(raw.values()) > 0 and min(raw.values()) >= 0:
        return dict(raw)
    whole = lcm(*(pool.fraction.denominator for pool in tariff.pools))
    weights = {pool.name: int(pool.fraction * whole) for pool in tariff.pools}
    return weights if any(weights.values()) else dict.fromkeys(weights, 1)
