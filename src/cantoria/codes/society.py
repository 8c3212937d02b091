"""CISAC society code: three digits, `118` is KOMCA. Facts from CISAC's list of July 2026.

A code that the list does not name is kept with a warning: the list grows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cantoria.codes._societies import SOCIETIES
from cantoria.codes.shape import compacted, passes
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.SOCIETY

_FORM: Final = re.compile(r"0?[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Society:
    """What CISAC's list says of a code; `country` (ISO alpha-2) and `status` are empty where it says
    nothing."""

    code: str
    name: str
    country: str
    status: str


_SOCIETIES: Final = {row[0]: Society(*row) for row in SOCIETIES}


def compact(text: str) -> str:
    """Return the three digits, filled up with zeros; `InputError` unless up to three (CWR 3: 0 and three)."""
    return compacted(SCHEME, text, _FORM, "118", separators="")[-3:].zfill(3)


def validate(text: str) -> Checked:
    """Return the stored form, with a warning for a code not in CISAC's list; `InputError` for a wrong
    shape."""
    code = compact(text)
    return Checked(code, None if code in _SOCIETIES else f"society code {code} is not in CISAC's list of 2026-07")


def is_valid(text: str) -> bool:
    """Tell whether the code is in CISAC's list."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, the three digits."""
    return compact(text)


def facts(text: str) -> Society | None:
    """Return what the list says of a code, None where it does not name it."""
    return _SOCIETIES.get(compact(text))
