"""Identifiers of the trade: one module per scheme, all with the same contract (`types.CodeModule`).

A *key* such as `isrc:USUG12400910` names a code together with its scheme, and is how codes are indexed.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from cantoria.codes import (
    dpid,
    grid,
    gtin,
    ipi_base,
    ipi_name,
    ipn,
    iscc,
    isni,
    isrc,
    iswc,
    own,
    society,
    uci,
    youtube,
)
from cantoria.codes.types import Checked, CodeModule, Scheme
from cantoria.kernel.errors import InputError

__all__ = ["MODULES", "Checked", "CodeModule", "Scheme", "check", "key", "module_for", "scheme_of", "split_key"]

MODULES: Final = MappingProxyType[Scheme, CodeModule](
    {
        Scheme.ISWC: iswc,
        Scheme.ISRC: isrc,
        Scheme.IPI_NAME: ipi_name,
        Scheme.IPI_BASE: ipi_base,
        Scheme.IPN: ipn,
        Scheme.ISNI: isni,
        Scheme.UCI: uci,
        Scheme.YOUTUBE_ASSET: youtube,
        Scheme.DPID: dpid,
        Scheme.GTIN: gtin,
        Scheme.GRID: grid,
        Scheme.ISCC: iscc,
        Scheme.SOCIETY: society,
        Scheme.OWN: own,
    }
)


def scheme_of(text: str) -> Scheme:
    """Return the scheme of that name, or raise `InputError`."""
    try:
        return Scheme(text)
    except ValueError as error:
        raise InputError(f"unknown identifier scheme {text[:40]!r}", f"use one of {', '.join(Scheme)}") from error


def module_for(scheme: Scheme | str) -> CodeModule:
    """Return the module of a scheme."""
    return MODULES[scheme_of(scheme)]


def check(scheme: Scheme | str, text: str) -> Checked:
    """Return `text` as a checked code of `scheme`; `InputError` where it is none."""
    return module_for(scheme).validate(text)


def key(scheme: Scheme | str, value: str) -> str:
    """Return the key of a code, `isrc:USUG12400910`; the value is checked and brought to its stored form."""
    return f"{scheme_of(scheme).value}:{check(scheme, value).value}"


def split_key(text: str) -> tuple[Scheme, str]:
    """Return scheme and value of a key; `InputError` unless it is one in stored form."""
    name, _, value = text.partition(":")
    scheme = scheme_of(name)
    if check(scheme, value).value != value:
        raise InputError(f"key {text[:80]!r} is not in its stored form", f"it would be {key(scheme, value)}")
    return scheme, value
