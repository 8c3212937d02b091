"""What the law says beside a status, which it never changes (RULES section 3): the parts of a legal profile.

A legal profile is a document (spec/law.md), one per territory and version, with its sources and dates. It informs and
is no legal advice; `not_assessed` is the honest answer wherever a court or legislator has not settled a question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cantoria.consent.needs import When
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import ALWAYS, TIME_MIN, Period, parse_moment
from cantoria.kernel.uses import Use
from cantoria.registry.types import Role

FORMAT: Final = "cantoria-law/v1"
MAJORITY_AGES: Final = range(14, 26)


class LawKind(StrEnum):
    """What the law asks for. An extended collective licence is a lawful basis for some uses and never a yes."""

    CONSENT_REQUIRED = "consent_required"
    LAWFUL_WITHOUT_CONSENT = "lawful_without_consent"
    EXTENDED_LICENCE = "extended_licence"
    NOT_ASSESSED = "not_assessed"


class Topic(StrEnum):
    """What every document speaks of, if only to say that it was not assessed."""

    RESEARCH_MINING = "research_mining"
    COMMERCIAL_MINING = "commercial_mining"
    FAIR_USE = "fair_use"
    EXTENDED_LICENCE = "extended_licence"
    REMUNERATION = "remuneration"
    PERFORMERS = "performers"
    PRODUCERS = "producers"
    MORAL_RIGHTS = "moral_rights"
    VOICE_AND_IMAGE = "voice_and_image"
    POST_MORTEM = "post_mortem"
    MINORS = "minors"


class Finding(StrEnum):
    """What was found on a topic: a rule in force, none, a question still open, or nothing yet."""

    RULE = "rule"
    NO_RULE = "no_rule"
    UNSETTLED = "unsettled"
    NOT_ASSESSED = "not_assessed"


class Confidence(StrEnum):
    """How sure the author of a line was when it was assessed."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Reading(StrEnum):
    """How the author of a document knows a source."""

    TEXT = "text"  # the text itself was read
    SECONDARY = "secondary"  # an article or summary about it was read
    RECALLED = "recalled"  # from memory


class SchemeKind(StrEnum):
    """On which legal basis money is due without the holders' yes."""

    EXTENDED_LICENCE = "extended_licence"
    STATUTORY = "statutory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An act, decision or report: its title, where it is published, and how the document's author knows it."""

    title: str
    published: str
    known_by: Reading


@dataclass(frozen=True, slots=True)
class Cite:
    """A place in a source: its key in the document, and article, section or paragraph."""

    source: str
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the law asks for some uses from `since` to `until` (days, empty = open). `check` says who should look at it
    (empty: who should check the document)."""

    uses: frozenset[Use]
    kind: LawKind
    basis: str
    cites: tuple[Cite, ...]
    confidence: Confidence
    since: str = ""
    until: str = ""
    scheme: str = ""
    assessed_on: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What was found on one topic, for some uses (empty: for all)."""

    topic: Topic
    finding: Finding
    says: str
    cites: tuple[Cite, ...] = ()
    confidence: Confidence = Confidence.LOW
    uses: frozenset[Use] = frozenset()
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Money due without the holders' yes: who collects it (`cmo`), by which `tariff` (a pointer), for which `roles`,
    and how a holder opts out (empty: not at all)."""

    kind: SchemeKind
    title: str
    cmo: str
    tariff: str
    uses: frozenset[Use]
    roles: frozenset[Role]
    cites: tuple[Cite, ...]
    confidence: Confidence
    opt_out: str = ""
    waivable: bool = False
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedNeed:
    """A line that a profile adds to the matrix of RULES section 1: for `use`, `when`, a yes to `asks` of the holders in
    `roles`, or of the persons named."""

    use: Use
    when: When
    asks: Use
    roles: frozenset[Role] = frozenset()
    persons: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileTerms:
    """What a territory demands on top of the base (RULES sections 1 and 5). There is no way to write that it demands
    less. `majority_age` is told to people; a guardianship names its own day."""

    trust_cmo: bool = False
    estate_representative: bool = False
    majority_age: int = 0
    adds: tuple[AddedNeed, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawDocument:
    """One version of the law of one territory (an ISO 3166 code, or a group such as EU), as assessed on a day.

    It counts from `since` to `until` (days, empty = open); where it does not judge, those that it
    `inherits` are asked. `check` says who should check it; `checked_by` who did (empty: nobody).
    """

    format: str
    territory: str
    name: str
    version: int
    assessed_on: str
    disclaimer: str
    check: str
    sources: dict[str, Source]
    verdicts: tuple[Verdict, ...]
    notes: tuple[Note, ...]
    checked_by: str = ""
    since: str = ""
    until: str = ""
    inherits: tuple[str, ...] = ()
    schemes: dict[str, Scheme] = field(default_factory=dict)
    profile: ProfileTerms = ProfileTerms()

    @property
    def label(self) -> str:
        """Return territory and version, such as `KR 1`."""
        return f"{self.territory} {self.version}"

    @property
    def period(self) -> Period:
        """Return when this version counts."""
        return period_of(self.since, self.until)

    def overlaps(self, other: LawDocument) -> bool:
        """Tell whether two documents are of one territory and count at the same time."""
        return self.territory == other.territory and self.period.intersect(other.period) is not None


@dataclass(frozen=True, slots=True)
class LawEntry:
    """What the law of one country says of a use: on which basis, by which source, in force when; and how good that
    knowledge is, since when, from which document, and who should check it."""

    kind: LawKind
    basis: str = ""
    source: str = ""
    period: Period = ALWAYS
    confidence: Confidence | None = None
    assessed_on: str = ""
    check: str = ""
    document: str = ""
    scheme: str = ""


NOT_ASSESSED: Final = LawEntry(LawKind.NOT_ASSESSED)


@lru_cache(maxsize=4096)
def period_of(since: str, until: str) -> Period:
    """Return the period of two days, the second excluded; empty is open. Anything but days is an `InputError`."""
    for day in (since, until):
        if day and len(day) != len("2026-11-20"):
            raise InputError(f"{day[:40]!r} is not a day", "write 2026-11-20")
    return Period(parse_moment(since) if since else TIME_MIN, parse_moment(until) if until else None)
