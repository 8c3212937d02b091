"""What of an ERN message matters here, as plain values, the same for every version of the standard.

The readers of a version fill them; they are short-lived and never recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

Code = tuple[str, str]  # scheme and text as sent; scheme "own" with "NAMESPACE:VALUE"
_DURATION: Final = re.compile(
    r"P(?:([0-9]{1,4})D)?T?(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,7})(?:\.([0-9]+))?S)?"
)


@dataclass(slots=True)
class PartyRecord:
    """A party: its names with their scripts (ISO 15924 or empty) and its identifiers. `listed` tells a record of the
    PartyList from a party that is named where it is credited (ERN 3.8)."""

    line: int
    reference: str
    names: tuple[tuple[str, str], ...]
    codes: tuple[Code, ...]
    listed: bool = True


@dataclass(slots=True)
class Credit:
    """A party named on a recording, with its roles there; `featured` as the message says, None when it does not."""

    line: int
    element: str
    party: str
    roles: tuple[str, ...]
    featured: bool | None = None
    delegated: bool = False  # a rights controller by delegated usage rights only
    ai: str = ""  # AiContribution as sent
    special: str = ""  # SpecialContributor as sent, instead of a party


@dataclass(slots=True)
class Related:
    """Another recording that this one is made of, by reference within the message or by ISRC."""

    line: int
    relation: str
    reference: str
    isrc: str


@dataclass(slots=True)
class WorkRecord:
    """A musical work of the WorkList (ERN 3.8)."""

    line: int
    reference: str = ""
    title: str = ""
    codes: tuple[Code, ...] = ()


@dataclass(slots=True)
class SoundRecord:
    """A sound recording."""

    line: int
    reference: str = ""
    title: str = ""
    formal_titles: tuple[tuple[str, str], ...] = ()  # text, language and script as sent
    artist: str = ""
    version: str = ""
    duration_ms: int | None = None
    codes: tuple[Code, ...] = ()
    works: tuple[tuple[Code, ...], ...] = ()
    work_references: tuple[str, ...] = ()  # to works of the WorkList
    composite: str = ""
    credits: list[Credit] = field(default_factory=list)
    producers: list[tuple[int, str]] = field(default_factory=list)  # line, name as in the P line
    related: list[Related] = field(default_factory=list)
    contains_ai: str = ""
    parties: list[PartyRecord] = field(default_factory=list)  # those named here and not in a list


@dataclass(slots=True)
class ReleaseRecord:
    """A release, track release or clip release, with references to its resources in order."""

    line: int
    kind: str
    reference: str = ""
    title: str = ""
    codes: tuple[Code, ...] = ()
    resources: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    contains_ai: str = ""


@dataclass(slots=True)
class Terms:
    """The terms of one deal: codes and dates as sent, dates empty where none is given."""

    line: int
    uses: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    taken_down: bool = False


@dataclass(slots=True)
class DealRecord:
    """A release deal: all its values, and its terms where one of them ends, is taken down or names AI."""

    line: int
    releases: tuple[str, ...]
    terms: list[Terms]
    uses: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)


@dataclass(slots=True)
class OtherRecord:
    """A record of a kind that is not registered."""

    line: int
    kind: str
    reference: str


def duration_ms(text: str) -> int | None:
    """Return an XML Schema duration of days, hours, minutes and seconds in milliseconds; None for any other."""
    match = _DURATION.fullmatch(text)
    if match is None or text in ("", "P", "PT"):
        return None
    days, hours, minutes, seconds, fraction = match.groups()
    thousandths = int(fraction[:3].ljust(3, "0")) if fraction else 0
    whole = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + thousandths
