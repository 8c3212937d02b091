"""IPN, International Performer Number of SCAPR's performer database: digits, checked for their form only.

The numbering plan and any check digit are not published, so up to twelve digits are taken as they stand.
"""

from __future__ import annotations

import re
from typing import Final

from cantoria.codes.shape import compacted, passes
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.IPN

_FORM: Final = re.compile(r"[0-9]{1,12}")


def compact(text: str) -> str:
    """Return the digits; `InputError` unless there are one to twelve."""
    return compacted(SCHEME, text, _FORM, "10234567")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape."""
    return Checked(compact(text))


def is_valid(text: str) -> bool:
    """Tell whether the shape is right; nothing else is known to check."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, the digits."""
    return compact(text)
