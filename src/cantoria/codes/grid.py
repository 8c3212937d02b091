"""GRid, Global Release Identifier: `A1-2425G-ABC1234002-M`, stored `A12425GABC1234002M`.

Scheme `A1`, issuer of five characters, release number of ten, and a check character by ISO/IEC 7064 MOD 37,36
over all that stands before it. A wrong one is an error.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import check_37_36, compacted, hyphenated, passes
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.GRID

_FORM: Final = re.compile(r"A1[0-9A-Z]{16}")


def compact(text: str) -> str:
    """Return the eighteen characters of the stored form; `InputError` unless the shape is right."""
    return compacted(SCHEME, text, _FORM, "A1-2425G-ABC1234002-M")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape or a wrong check character."""
    return check_37_36(SCHEME, text, code=compact(text), remedy="compare it with the release's own record")


def is_valid(text: str) -> bool:
    """Tell whether shape and check character are right."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, `A1-2425G-ABC1234002-M`."""
    return hyphenated(compact(text), (2, 5, 10, 1))
