"""IPI base number of CISAC's Interested Party Information: `I-001068130-6`, stored `I0010681306`.

It names one person or company, whatever their names. The check digit completes 2 + the sum of i·digit(i), i =
1..9, to a multiple of 10. A wrong one is an error.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import compacted, passes, refuse
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.IPI_BASE

_FORM: Final = re.compile(r"[A-Z][0-9]{10}")


def compact(text: str) -> str:
    """Return the stored form, a letter and ten digits; `InputError` unless the shape is right."""
    return compacted(SCHEME, text, _FORM, "I-001068130-6", separators=" -.")


def check_digit(digits: str) -> str:
    """Return the check digit of nine digits."""
    return str((8 - sum(position * int(digit) for position, digit in enumerate(digits, 1))) % 10)


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape or a wrong check digit."""
    code = compact(text)
    if check_digit(code[1:10]) != code[10]:
        raise refuse(SCHEME, text, "has a wrong check digit", "compare it with the IPI record")
    return Checked(code)


def is_valid(text: str) -> bool:
    """Tell whether shape and check digit are right."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, `I-001068130-6`."""
    code = compact(text)
    return f"{code[0]}-{code[1:10]}-{code[10]}"
