"""GTIN, the product code of a release (DDEX calls it ICPN): UPC-A, EAN-13 or GTIN-14, stored as thirteen
digits.

The three are one number space: a UPC-A is an EAN-13 that begins with 0, and a GTIN-14 that begins with 0 is
an EAN-13. They are stored alike, so that one release has one code; only a GTIN-14 with a packaging digit
keeps fourteen. The last digit completes the sum of all, weighted 3 and 1 from the right, to a multiple of 10
(GS1 General Specifications). A wrong one is an error.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import compacted, passes, refuse
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.GTIN

_FORM: Final = re.compile(r"[0-9]{12,14}")


def compact(text: str) -> str:
    """Return the stored form, 13 digits or 14 with a packaging digit; `InputError` unless 12 to 14 digits."""
    code = compacted(SCHEME, text, _FORM, "5901234123457 or 190295810726").zfill(13)
    return code[1:] if len(code) == 14 and code[0] == "0" else code


def check_digit(digits: str) -> str:
    """Return the check digit of the digits before it, whatever their number."""
    weighted = sum(int(digit) * (1 if position % 2 else 3) for position, digit in enumerate(reversed(digits)))
    return str(-weighted % 10)


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape or a wrong check digit."""
    code = compact(text)
    if check_digit(code[:-1]) != code[-1]:
        raise refuse(SCHEME, text, "has a wrong check digit", "compare it with the bar code")
    return Checked(code)


def is_valid(text: str) -> bool:
    """Tell whether shape and check digit are right."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form: a UPC-A with its twelve digits, else thirteen or fourteen."""
    code = compact(text)
    return code[1:] if len(code) == 13 and code[0] == "0" else code
