"""Somebody's own code: `NAMESPACE:VALUE`, such as `PADPIDA2013020802I:cat-17` or `KOMCA:100000000001`.

The namespace says whose code it is: a DPID, or a token of up to 32 letters, digits, `.`, `_` and `-`, stored in
capitals; the names of schemes are not taken. The value is that party's business: up to 128 printable characters in
any script, normalised to NFC, with capitals as they are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from cantoria.codes import dpid
from cantoria.codes.shape import INPUT_CHARS_MAX, passes, plain, refuse
from cantoria.codes.types import Checked, Scheme

SCHEME: Final = Scheme.OWN

VALUE_CHARS_MAX: Final = 128

_RESERVED: Final = {scheme.value.upper() for scheme in Scheme} | {"URN"}
_NAMESPACE: Final = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,31}")


def compact(text: str) -> str:
    """Return the stored form, `NAMESPACE:value`; `InputError` unless the shape is right."""
    if len(text) > INPUT_CHARS_MAX:
        raise refuse(SCHEME, text, f"has {len(text)} characters", f"at most {INPUT_CHARS_MAX} are read")
    head, _, tail = text.partition(":")
    namespace = plain(SCHEME, head).upper()
    value = unicodedata.normalize("NFC", tail).strip()
    if not _NAMESPACE.fullmatch(namespace) or namespace in _RESERVED:
        raise refuse(SCHEME, text, "does not say whose code it is", "write NAMESPACE:VALUE with a DPID or a token")
    if not 0 < len(value) <= VALUE_CHARS_MAX or not value.isprintable():
        raise refuse(SCHEME, text, "has no printable value", f"give 1 to {VALUE_CHARS_MAX} printable characters")
    return f"{namespace}:{value}"


def validate(text: str) -> Checked:
    """Return the stored form; `InputError` for a wrong shape or a namespace that is a DPID with a wrong
    check."""
    code = compact(text)
    namespace = code.partition(":")[0]
    if namespace.startswith("PADPIDA"):
        _check_dpid(namespace)
    return Checked(code)


@lru_cache(maxsize=1024)
def _check_dpid(namespace: str) -> None:
    """Refuse a DPID with a wrong check; a file has thousands of codes of the same few namespaces."""
    dpid.validate(namespace)


def is_valid(text: str) -> bool:
    """Tell whether the shape is right, and the DPID if the namespace is one."""
    return passes(validate, text)


def format(text: str) -> str:  # noqa: A001
    """Return the printed form, which is the stored one."""
    return compact(text)
