"""Outside signals: what a licence stated beside a recording says, and that it is nobody's consent (RULES section 6).

A signal is shown and changes no status. Outside signals may only ever tighten, and a Creative Commons licence or a
public-domain mark forbids no use by AI and allows none here: whoever attached it may hold every right, one, or none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TEXT_CHARS_MAX: Final = 200  # of a stated licence that is shown as it stands

_ELEMENTS: Final = {
    "by": "attribution",
    "nc": "no commercial use",
    "nd": "no derivatives",
    "sa": "share alike",
    "sampling": "sampling of parts only",
    "sampling+": "sampling of parts, and copies of the whole",
}
# Every set of elements under which Creative Commons ever published a licence, in its present order; version 1.0 put
# nd before nc, and the early ones ask for no attribution.
_EARLY: Final = ("nc", "nd", "sa", "nc-nd", "nc-sa", "sampling", "sampling+", "nc-sampling+")
_KNOWN: Final = frozenset(("by", "by-nc", "by-nd", "by-sa", "by-nc-nd", "by-nc-sa", *_EARLY))
_ORDER: Final = ("by", "nc", "nd", "sa", "sampling", "sampling+")
_ADDRESS: Final = re.compile(
    r"(?:https?://)?(?:www\.)?creativecommons\.org/(?P<path>[a-z0-9.+/_-]{1,100})(?:[?#].*)?", re.IGNORECASE
)
_VERSION: Final = r"(?P<version>[1-9]\.[0-9])"
_PLACE: Final = r"(?P<place>[a-z]{2}|igo|scotland)"
_TAIL: Final = r"(?:/(?:deed|legalcode|rdf)(?:\.[a-z_-]{2,10})?)?/?"
_LICENCE: Final = re.compile(rf"licenses/(?P<elements>[a-z+-]{{2,15}})/{_VERSION}(?:/{_PLACE})?{_TAIL}")
_ZERO: Final = re.compile(rf"publicdomain/zero/{_VERSION}{_TAIL}")
_MARK: Final = re.compile(rf"publicdomain/mark/{_VERSION}{_TAIL}")
_DEDICATION: Final = re.compile(rf"licenses/publicdomain{_TAIL}|publicdomain/certification/1\.0(?:/us)?{_TAIL}")
_NAME: Final = re.compile(rf"cc[ -](?P<elements>[a-z+-]{{2,15}}?)[ -]{_VERSION}(?:[ -]{_PLACE})?", re.IGNORECASE)
_ZERO_NAME: Final = re.compile(r"cc[ -]?0(?:[ -](?P<version>1\.0))?", re.IGNORECASE)


class SignalKind(StrEnum):
    """What kind of thing was stated."""

    CC_LICENCE = "cc_licence"  # a Creative Commons licence
    CC_ZERO = "cc_zero"  # CC0: somebody waives what rights they have
    PUBLIC_DOMAIN_DEDICATION = "public_domain_dedication"  # the retired one of Creative Commons
    PUBLIC_DOMAIN_MARK = "public_domain_mark"  # somebody believes that no rights are left
    OTHER = "other"  # anything else that stands in the place of a licence


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal: its kind, what was stated in its shortest canonical form, and one sentence for people."""

    kind: SignalKind
    value: str
    says: str


@dataclass(frozen=True, slots=True)
class CreativeCommons:
    """A Creative Commons licence taken apart; `place` is the jurisdiction it was ported to, empty for none."""

    elements: tuple[str, ...]
    version: str
    place: str = ""

    @property
    def non_commercial(self) -> bool:
        """Tell whether it is limited to uses that are not commercial."""
        return "nc" in self.elements

    @property
    def no_derivatives(self) -> bool:
        """Tell whether it excludes adaptations."""
        return "nd" in self.elements

    @property
    def share_alike(self) -> bool:
        """Tell whether adaptations have to be under the same licence."""
        return "sa" in self.elements

    @property
    def name(self) -> str:
        """Return its name as Creative Commons writes it, such as CC BY-NC-ND 3.0 DE."""
        return " ".join(filter(None, ("CC", "-".join(self.elements).upper(), self.version, self.place.upper())))


def licence_signal(text: str) -> Signal | None:
    """Return what a stated licence (an address, or a name such as CC-BY-NC-4.0) says; None where nothing is stated.

    Never fails: what cannot be read is a signal of kind OTHER, shown as it stands and shortened.
    """
    stated = " ".join(text.split())
    if not stated:
        return None
    licence = creative_commons(stated)
    if licence is not None:
        return _of_licence(licence)
    path = _path(stated)
    zero = _ZERO.fullmatch(path) or _ZERO_NAME.fullmatch(stated)
    if zero:
        name = f"CC0 {zero['version'] or '1.0'}"
        says = f"{name} is stated: whoever stated it waives their own rights; that they held them all is not shown"
        return Signal(SignalKind.CC_ZERO, name, says)
    mark = _MARK.fullmatch(path)
    if mark:
        name = f"Public Domain Mark {mark['version']}"
        says = f"{name} is stated: somebody believes that no rights are left; that is no evidence per side and country"
        return Signal(SignalKind.PUBLIC_DOMAIN_MARK, name, says)
    if _DEDICATION.fullmatch(path):
        name = "CC Public Domain Dedication"
        says = f"{name} is stated: whoever stated it gives up their own rights; that they held them all is not shown"
        return Signal(SignalKind.PUBLIC_DOMAIN_DEDICATION, name, says)
    shown = stated if len(stated) <= TEXT_CHARS_MAX else stated[:TEXT_CHARS_MAX] + "…"
    return Signal(SignalKind.OTHER, shown, f"{shown!r} is stated as licence: it is not read here, and is no consent")


def creative_commons(text: str) -> CreativeCommons | None:
    """Return the Creative Commons licence that an address or a name states, or None when it states none."""
    match = _LICENCE.fullmatch(_path(text)) or _NAME.fullmatch(text.strip())
    if match is None:
        return None
    given = match["elements"].lower().split("-")
    elements = tuple(sorted(given, key=lambda one: _ORDER.index(one) if one in _ORDER else len(_ORDER)))
    if "-".join(elements) not in _KNOWN:
        return None
    return CreativeCommons(elements, match["version"], (match["place"] or "").lower())


def _path(text: str) -> str:
    """Return the path of an address of Creative Commons, in small letters; empty for anything else."""
    match = _ADDRESS.fullmatch(text.strip())
    return match["path"].lower() if match else ""


def _of_licence(licence: CreativeCommons) -> Signal:
    terms = ", ".join(_ELEMENTS[one] for one in licence.elements)
    says = f"{licence.name} is stated ({terms}): a signal, not a holder's yes to this use"
    return Signal(SignalKind.CC_LICENCE, licence.name, says)
