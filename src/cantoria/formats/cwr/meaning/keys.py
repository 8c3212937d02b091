"""How CWR's numbers become a sender's keys, and back.

A work goes by the submitter's work number and a recording by the submitter's recording identifier, as they stand. A
party goes by `IP:` and its interested party number, so that no party is taken for a work of the same number. Who has
no number is known within one work only: `NUMBER/NAME`. Numbers of societies have the society's name as namespace.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Final

from cantoria import codes
from cantoria.codes import Scheme, society
from cantoria.codes._societies import SOCIETIES
from cantoria.kernel.errors import InputError

PARTY: Final = "IP:"
_LOCAL_CHARS_MAX: Final = 110
_TOKEN: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{1,31}")
_RESERVED: Final = {scheme.value.upper() for scheme in Scheme} | {"URN"}


def party_key(number: str) -> str:
    """Return the key of the party with this interested party number."""
    return PARTY + printable(number)


def party_number(key: str) -> str:
    """Return the interested party number in a key, "" when the key is another one."""
    return key[len(PARTY) :] if key.startswith(PARTY) else ""


def local_key(work: str, *words: str) -> str:
    """Return the key of something that only its work names; the same words, the same thing."""
    return printable(f"{work}/{' '.join(words)}")[:_LOCAL_CHARS_MAX].strip()


def printable(text: str) -> str:
    """Return text with `?` for what cannot be printed: keys are printable."""
    return text if text.isprintable() else "".join(one if one.isprintable() else "?" for one in text)


def society_code(text: str) -> str:
    """Return the three digits of a CISAC society code as CWR writes them ("52", "052", "0052"), "" when it is none."""
    try:
        return society.compact(text) if text.strip("0") else ""
    except InputError:
        return ""


def society_number(code: str, number: str) -> tuple[str, str]:
    """Return a society's own number of something as a code: `own`, `KOMCA:100000000001`."""
    return Scheme.OWN.value, f"{namespace(code)}:{number}"


@cache
def namespace(code: str) -> str:
    """Return the namespace of a society's own numbers: its name where that is one word and its alone."""
    return _names().get(code, f"CISAC-{code}")


@cache
def society_of(name: str) -> str:
    """Return the code of the society whose numbers have this namespace, "" when it is none's."""
    if name.startswith("CISAC-"):
        return society_code(name[6:])
    return {name: code for code, name in _names().items()}.get(name, "")


@cache
def _names() -> dict[str, str]:
    named = Counter(row[1] for row in SOCIETIES)
    return {
        row[0]: row[1]
        for row in SOCIETIES
        if named[row[1]] == 1 and _TOKEN.fullmatch(row[1]) and row[1] not in _RESERVED and row[0] != "000"
    }


def fits(scheme: Scheme | str, text: str) -> bool:
    """Tell whether a text can be a code of the scheme, a failed check digit aside."""
    try:
        codes.check(scheme, text)
    except InputError:
        return False
    return True
