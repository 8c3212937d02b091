"""ISRC, International Standard Recording Code (ISO 3901): `US-UG1-24-00910`, stored `USUG12400910`.

A prefix of two letters and three letters or digits, two digits of the year, five digits of designation. It
has no check digit, and its prefix says who allotted it, neither the nationality nor the present owner.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import compacted, passes
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.ISRC

FIRST_YEAR: Final = 1986

_FORM: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")


def compact(text: str) -> str:
    """Return the twelve characters of the stored form; `InputError` unless the shape is right."""
    return compacted(SCHEME, text, _FORM, "US-UG1-24-00910")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape."""
    return Checked(compact(text))


def is_valid(text: str) -> bool:
    """Tell whether the shape is right; there is nothing else to check."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, `US-UG1-24-00910`."""
    code = compact(text)
    return f"{code[:2]}-{code[2:5]}-{code[5:7]}-{code[7:]}"


def year_of_reference(text: str) -> int:
    """Return the year in which the code was allotted, 1986 to 2085: ISRC began in 1986.

    A hint only: some real codes carry the year of the recording instead.
    """
    two_digits = int(compact(text)[5:7])
    return two_digits + (1900 if two_digits >= FIRST_YEAR % 100 else 2000)
