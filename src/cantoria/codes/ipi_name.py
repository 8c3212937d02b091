"""IPI name number of CISAC's Interested Party Information: eleven digits, `00014107338`.

It names one name of a person or company, which may have several. The last two digits check the first nine,
modulo
101. Of 2,028 real numbers two fail, so a failure is a warning and the number is kept. Numbers of nine digits
(the older CAE) and those that lost leading zeros are filled up.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import compacted, passes, refuse
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.IPI_NAME

_FORM: Final = re.compile(r"[0-9]{3,11}")


def compact(text: str) -> str:
    """Return the eleven digits of the stored form; `InputError` unless the shape is right. All zeros is
    none."""
    code = compacted(SCHEME, text, _FORM, "00014107338", separators=" -.").zfill(11)
    if not code.strip("0"):
        raise refuse(SCHEME, text, "is all zeros, which stands for no number", "leave it out")
    return code


def check_digits(digits: str) -> str:
    """Return the two check digits of the nine digits before them."""
    remainder = sum((10 - position) * int(digit) for position, digit in enumerate(digits)) % 101
    return f"{(101 - remainder) % 100 if remainder else 0:02d}"


def validate(text: str) -> Checked:
    """Return the stored form, with a warning where the check digits are wrong; `InputError` for a wrong
    shape."""
    code = compact(text)
    expected = check_digits(code[:9])
    if expected != code[9:]:
        return Checked(code, f"check digits of IPI name number {code} should be {expected}")
    return Checked(code)


def is_valid(text: str) -> bool:
    """Tell whether shape and check digits are right."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, the eleven digits."""
    return compact(text)
