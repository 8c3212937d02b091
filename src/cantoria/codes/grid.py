"""GRid, Global Release Identifier: `A1-2425G-ABC1234002-M`, stored `A12425GABC1234002M`.

Scheme `A1`, issuer of five characters, release number of ten, and a check character by ISO/IEC 7064 MOD 37,36
over all that stands before it. A wrong one is an error.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.iso7064 import mod_37_36
from cantoria.codes.shape import compacted, passes, refuse
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.GRID

_FORM: Final = re.compile(r"A1[0-9A-Z]{16}")


def compact(text: str) -> str:
    """Return the eighteen characters of the stored form; `InputError` unless the shape is right."""
    return compacted(SCHEME, text, _FORM, "A1-2425G-ABC1234002-M")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape or a wrong check character."""
    code = compact(text)
    if mod_37_36(code[:17]) != code[17]:
        raise refuse(SCHEME, text, "has a wrong check character", "compare it with the release's own record")
    return Checked(code)


def is_valid(text: str) -> bool:
    """Tell whether shape and check character are right."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, `A1-2425G-ABC1234002-M`."""
    code = compact(text)
    return f"{code[:2]}-{code[2:7]}-{code[7:17]}-{code[17]}"
