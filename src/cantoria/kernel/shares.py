"""The interval rule: exact shares of integer amounts that always add up (RULES section 9).

Exact fractions compile to integer bounds 0 = b0 <= ... <= bn = W in byte order of the holders' ids, and a
holder is paid F(A, high) - F(A, low). That is a pure function of one row: no order, window or partition can
change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cantoria.kernel.check import require
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import FINE_MAX

W: Final = 10**9


@dataclass(frozen=True, slots=True)
class Bound:
    """One holder's interval [low, high) of W; a zero share has low == high."""

    holder: str
    low: int
    high: int


def portion(amount: int, bound: int) -> int:
    """Return F(A, b) = (A div W)·b + ((A mod W)·b) div W, which is the floor of A·b/W.

    0 <= A <= FINE_MAX and 0 <= b <= W. In this form no intermediate value leaves 64 bits, so that every
    engine computes the same.
    """
    if not 0 <= amount <= FINE_MAX or not 0 <= bound <= W:
        raise InputError(f"portion of {amount} up to {bound} is out of range", "amounts have 63 bits, bounds end at W")
    return (amount // W) * bound + ((amount % W) * bound) // W


def compile_bounds(shares: Mapping[str, Fraction]) -> tuple[Bound, ...]:
    """Return the bounds of `shares` (holder id to exact fraction), holders in byte order of their id.

    Raises `InputError` for a negative share, a sum other than exactly 1, and a share above zero that compiles
    to nothing (it would never be paid).
    """
    bounds = []
    total, low = Fraction(0), 0
    for holder in sorted(shares, key=lambda holder: holder.encode()):
        share = Fraction(shares[holder])
        if share < 0:
            raise InputError(f"share {share} of {holder} is negative", "shares are between 0 and 1")
        total += share
        high = total.numerator * W // total.denominator
        if share > 0 and high == low:
            raise InputError(f"share {share} of {holder} is below one part in {W}", "merge it with another share")
        bounds.append(Bound(holder, low, high))
        low = high
    if total != 1:
        raise InputError(f"shares add up to {total}, not 1", "name who holds the rest, or correct the shares")
    return tuple(bounds)


def allocate(amount: int, bounds: Sequence[Bound]) -> dict[str, int]:
    """Return what each holder gets of `amount` fine units; the values always add up to `amount`.

    Of a negative amount the magnitude is allocated and the sign restored.
    """
    size = abs(amount)
    sign = -1 if amount < 0 else 1
    parts: dict[str, int] = {}
    edge, paid = 0, 0
    for bound in bounds:
        require(bound.low == edge <= bound.high, f"bounds leave a gap or overlap at {bound.holder}")
        until = portion(size, bound.high)
        parts[bound.holder] = sign * (until - paid)
        edge, paid = bound.high, until
    require(edge == W, f"bounds end at {edge}, not {W}")
    require(len(parts) == len(bounds), "a holder stands twice in one split")
    return parts


def muldiv_floor(amount: int, numerator: int, denominator: int) -> int:
    """Return amount·numerator/denominator exactly, its magnitude rounded down.

    A negative amount is rounded towards zero. `numerator` is not negative, `denominator` positive, and the
    result must fit 63 bits.
    """
    if numerator < 0 or denominator <= 0:
        raise InputError(f"ratio {numerator}/{denominator} is not a share", "use a ratio of zero or more")
    size = abs(amount) * numerator // denominator
    if size > FINE_MAX:
        raise InputError(f"{amount}·{numerator}/{denominator} exceeds 63 bits", "split or check the amount")
    return -size if amount < 0 else size
