"""ISNI, International Standard Name Identifier (ISO 27729): `0000 0001 2281 955X`, stored `000000012281955X`.

Fifteen digits and a check character by ISO/IEC 7064 MOD 11-2. A wrong one is an error.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.iso7064 import mod_11_2
from cantoria.codes.shape import compacted, passes, refuse
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.ISNI

_FORM: Final = re.compile(r"[0-9]{15}[0-9X]")


def compact(text: str) -> str:
    """Return the sixteen characters of the stored form; `InputError` unless the shape is right."""
    return compacted(SCHEME, text, _FORM, "0000 0001 2281 955X")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape or a wrong check character."""
    code = compact(text)
    if mod_11_2(code[:15]) != code[15]:
        raise refuse(SCHEME, text, "has a wrong check character", "compare it with the ISNI record")
    return Checked(code)


def is_valid(text: str) -> bool:
    """Tell whether shape and check character are right."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, four groups of four."""
    code = compact(text)
    return " ".join(code[start : start + 4] for start in range(0, 16, 4))
