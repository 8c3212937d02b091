"""Readers and writers of outside signals: bytes ↔ signals and findings (spec/signals.md). None fetches anything.

`read` takes one file of any kind that is known; the modules have one reader each. What a reader cannot read says
nothing, which is no permission.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO, Final

from cantoria.formats.signals import (
    headers,
    licence_files,
    manifests,
    odrl,
    pages,
    robots,
    rsl,
    tdmrep,
)
from cantoria.formats.signals.common import NOTHING_READ, SignalsRead, path_of
from cantoria.formats.signals.rows import RowSignals

__all__ = ["NOTHING_READ", "READERS", "Kind", "RowSignals", "SignalsRead", "kind_of", "path_of", "read"]


class Kind(StrEnum):
    """What a file with signals is."""

    TDMREP = "tdmrep"
    ODRL = "odrl"
    RSL = "rsl"
    ROBOTS = "robots"
    HEADERS = "headers"
    PAGE = "page"
    MANIFEST = "manifest"
    LICENCE = "licence"


READERS: Final[Mapping[Kind, Callable[..., SignalsRead]]] = MappingProxyType(
    {
        Kind.TDMREP: tdmrep.read,
        Kind.ODRL: odrl.read,
        Kind.RSL: rsl.read,
        Kind.ROBOTS: robots.read,
        Kind.HEADERS: headers.read,
        Kind.PAGE: pages.read,
        Kind.MANIFEST: manifests.read,
        Kind.LICENCE: licence_files.read,
    }
)


def read(source: bytes | BinaryIO, *, file: str, kind: Kind) -> SignalsRead:
    """Return the signals of a file of a kind, and what is odd about it. Raises `InputError` for a file that is none."""
    return READERS[kind](source, file=file)


def kind_of(file: str, head: bytes) -> Kind:
    """Return what a file seems to be by its name and its first bytes; a licence file where nothing else is seen."""
    name = file.rpartition("/")[2].lower()
    text = head[:4_096].decode("utf-8-sig", "replace").lstrip().lower()
    if name == "robots.txt":
        return Kind.ROBOTS
    if name.endswith((".html", ".htm", ".xhtml")) or text.startswith(("<!doctype html", "<html")):
        return Kind.PAGE
    if text.startswith("<"):
        return Kind.RSL
    if text.startswith(("{", "[")):
        if '"tdm-reservation"' in text or name == "tdmrep.json":
            return Kind.TDMREP
        if '"permission"' in text or '"prohibition"' in text or "odrl" in text:
            return Kind.ODRL
        if '"manifests"' in text or "training-mining" in text or '"assertions"' in text or '"entries"' in text:
            return Kind.MANIFEST
    if text.startswith(("http/", "tdm-reservation:", "content-usage:")):
        return Kind.HEADERS
    return Kind.LICENCE
