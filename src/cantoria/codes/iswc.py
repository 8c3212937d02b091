"""ISWC, International Standard Musical Work Code (ISO 15707): `T-034.524.680-1`, stored `T0345246801`.

The check digit completes 1 + the sum of i·digit(i), i = 1..9, to a multiple of 10. A wrong one is an error.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import compacted, passes, refuse
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.ISWC

_FORM: Final = re.compile(r"T[0-9]{10}")


def compact(text: str) -> str:
    """Return the stored form, `T` and ten digits; `InputError` unless the shape is right."""
    return compacted(SCHEME, text, _FORM, "T-034.524.680-1", separators=" -.")


def check_digit(digits: str) -> str:
    """Return the check digit of the nine digits of a work."""
    return str((9 - sum(position * int(digit) for position, digit in enumerate(digits, 1))) % 10)


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape or a wrong check digit."""
    code = compact(text)
    if check_digit(code[1:10]) != code[10]:
        raise refuse(SCHEME, text, "has a wrong check digit", "compare it with the work's registration")
    return Checked(code)


def is_valid(text: str) -> bool:
    """Tell whether shape and check digit are right."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, `T-034.524.680-1`."""
    code = compact(text)
    return f"{code[0]}-{code[1:4]}.{code[4:7]}.{code[7:10]}-{code[10]}"
