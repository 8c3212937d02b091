"""UCI, Korea's Universal Content Identifier (RFC 4179): `urn:uci:I804:44032-200000668457`, stored without
`urn:uci:`.

Prefix (registration agency, `:` registrant, `+` further part), the first `-`, instance, and perhaps `:`
qualifier of one to three parts that begin with C, R or F. The hyphens belong to the code. It has no check
digit. Letters are stored as capitals, so that two spellings of one code meet.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cantoria.codes.shape import passes, plain, refuse
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.UCI

_FORM: Final = re.compile(
    r"([A-Z0-9]+(?::[A-Z0-9]+)?(?:\+[A-Z0-9]+)?)"
    r"-((?:[A-Z0-9()+,\-.=@;$_!*']|%[0-9A-F]{2})+)"
    r"(?::([CRF][A-Z0-9]+(?:-[CRF][A-Z0-9]+){0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A UCI in its parts; `qualifier` is empty where there is none."""

    prefix: str
    instance: str
    qualifier: str


def parts(text: str) -> Parts:
    """Return the parts of a UCI; `InputError` unless the shape is right."""
    code = plain(SCHEME, text).upper().removeprefix("URN:").removeprefix("UCI:").removeprefix("UCI ").strip()
    match = _FORM.fullmatch(code)
    if match is None:
        raise refuse(SCHEME, text, "has not the form of one", "it looks like I804:44032-200000668457")
    return Parts(match[1], match[2], match[3] or "")


def compact(text: str) -> str:
    """Return the stored form, `PREFIX-INSTANCE[:QUALIFIER]`; `InputError` unless the shape is right."""
    found = parts(text)
    return f"{found.prefix}-{found.instance}" + (f":{found.qualifier}" if found.qualifier else "")


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape."""
    return Checked(compact(text))


def is_valid(text: str) -> bool:
    """Tell whether the shape is right; there is nothing else to check."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, a URN."""
    return "urn:uci:" + compact(text)
