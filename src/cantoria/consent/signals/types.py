"""Nouns of outside signals: what somebody said of AI in a form that Cantoria did not define (RULES section 6).

A signal is nobody's consent. It can refuse a use, or point to where a licence is on offer; it never opens anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD

DETAIL_CHARS_MAX: Final = 500  # of anything quoted from a signal


class Standard(StrEnum):
    """In which form a signal was given."""

    TDMREP = "tdmrep"  # W3C TDM Reservation Protocol
    RSL = "rsl"  # Really Simple Licensing
    AIPREF = "aipref"  # IETF Content-Usage
    CONTENT_SIGNAL = "content-signal"  # Content-Signal lines of robots.txt
    ROBOTS = "robots"  # RFC 9309, groups of crawlers known to serve AI
    NO_AI = "noai"  # the robots directives noai and noimageai
    C2PA = "c2pa"  # assertion c2pa.training-mining
    CAWG = "cawg"  # assertion cawg.training-mining
    DDEX = "ddex"  # use types of deals
    LICENCE = "licence"  # a licence stated beside a recording or in a data set
    ODRL = "odrl"  # a policy in ODRL 2.2


class Stance(StrEnum):
    """What is said of one category. CONSTRAINED is neither yes nor no: there are terms. What is not said is absent."""

    ALLOWED = "allowed"
    CONSTRAINED = "constrained"
    REFUSED = "refused"


class Found(StrEnum):
    """Where a signal stands."""

    FILE = "file"  # a file for a whole site or data set
    HEADER = "header"  # a field of an HTTP response
    META = "meta"  # an element in the head of an HTML page
    POLICY = "policy"  # a document that another signal points to
    MANIFEST = "manifest"  # a manifest store embedded in, or kept beside, a sound file
    MESSAGE = "message"  # a message of the trade
    ROW = "row"  # a column beside a row of a data set


class Covers(StrEnum):
    """What a signal speaks of: the recording, the work in it, or whatever lies at a location."""

    RECORDING = "recording"
    WORK = "work"
    LOCATION = "location"


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """What is said of one category, named as its standard names it; `detail` is quoted, shortened, in one line."""

    category: str
    stance: Stance
    detail: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """A pointer to where a licence may be had: an address or words (`where`), and its terms as far as they are said.
    Nothing is fetched from it, and nothing is opened by it."""

    where: str
    terms: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideSignal:
    """One signal: in which standard and version, where it stands, what it says of which categories, and of what.

    `place` names the file, header or column; `location` is the pattern of paths that it speaks of (RFC 9309: `*` and
    `$`), empty for all. `territory` is an expression of TIS codes.
    """

    standard: Standard
    version: str
    found: Found
    place: str
    said: tuple[Said, ...] = ()
    covers: Covers = Covers.LOCATION
    location: str = ""
    territory: str = WORLD
    period: Period = ALWAYS
    offers: tuple[Offer, ...] = ()


def quoted(text: str) -> str:
    """Return what a stranger wrote as one line of at most `DETAIL_CHARS_MAX` characters."""
    line = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
    return line if len(line) <= DETAIL_CHARS_MAX else line[: DETAIL_CHARS_MAX - 1] + "…"
