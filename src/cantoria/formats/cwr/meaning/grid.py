"""Shares on CWR's grid of 0.01 %: what is finer is rounded so that each total stays what it was."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, TypeVar

from cantoria.formats.cwr.meaning.values import HUNDREDTHS

TOLERANCE: Final = 6  # hundredths of a percent by which CWR lets a total of ownership differ from the whole
_WHOLES: Final = sorted(
    range(HUNDREDTHS - TOLERANCE, HUNDREDTHS + TOLERANCE + 1), key=lambda whole: abs(whole - HUNDREDTHS)
)
Key = TypeVar("Key")


def on_grid(shares: Mapping[Key, Fraction]) -> dict[Key, int]:
    """Return each share in hundredths of a percent.

    Parts of the whole that are exact on a grid as near to the whole as CWR allows go out on it: three thirds as three
    times 33.33 %. Else the parts that are cut off go to the largest of them, in order.
    """
    if sum(shares.values(), Fraction(0)) == 1:
        for whole in _WHOLES:
            if all((share * whole).denominator == 1 for share in shares.values()):
                return {key: int(share * whole) for key, share in shares.items()}
    cut = {key: int(share * HUNDREDTHS) for key, share in shares.items()}
    missing = round(sum(shares.values(), Fraction(0)) * HUNDREDTHS) - sum(cut.values())
    by_rest = sorted(shares, key=lambda key: shares[key] * HUNDREDTHS - cut[key], reverse=True)
    for key in by_rest[: max(missing, 0)]:
        cut[key] += 1
    return cut


def fits_grid(share: Fraction) -> bool:
    """Tell whether a share is a whole number of hundredths of a percent."""
    return (share * HUNDREDTHS).denominator == 1


def makes_whole(total: int) -> bool:
    """Tell whether CWR takes a total of ownership: the whole, give or take 0.06 %, or nothing."""
    return total == 0 or abs(total - HUNDREDTHS) <= TOLERANCE
