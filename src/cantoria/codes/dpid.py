"""DPID, DDEX party identifier: `PA-DPIDA-2013020802-I`, in messages and stored `PADPIDA2013020802I`.

Scheme `PA`, type `DPIDA`, ten digits, and a check character by ISO/IEC 7064 MOD 37,36 over all that stands
before it. A wrong one is an error.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import check_37_36, compacted, hyphenated, passes
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.DPID

_FORM: Final = re.compile(r"PADPIDA[0-9]{10}[0-9A-Z]")


def compact(text: str) -> str:
    """Return the eighteen characters of the stored form; `InputError` unless the shape is right."""
    return compacted(SCHEME, text, _FORM, "PA-DPIDA-2013020802-I")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape or a wrong check character."""
    return check_37_36(SCHEME, text, code=compact(text), remedy="compare it with DDEX's list of parties")


def is_valid(text: str) -> bool:
    """Tell whether shape and check character are right."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, `PA-DPIDA-2013020802-I`."""
    return hyphenated(compact(text), (2, 5, 10, 1))
