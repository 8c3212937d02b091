"""Nouns of the sample world: what is on record before it becomes files. Keys are local to the world."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from cantoria.app.sample.names import Language, Name
from cantoria.consent.types import ANYONE, NO_CONDITIONS, Conditions, LicenseeTerm, ScopeKind, Verdict
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import Use
from cantoria.mandates.types import MandateKind
from cantoria.registry.types import PartyKind, PublicDomainBasis, Relation, Right, Role, Side, Tier, WorkKind


class Temper(StrEnum):
    """How a person or company is inclined towards the training of generative models."""

    OPEN = "open"
    ASKING = "asking"
    REFUSING = "refusing"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A person, band or organisation; `account` tells whether a key of theirs is registered and kept for them,
    `recorder` is the organisation (its key) that registers it. A `generous` one that says yes says it to anyone."""

    key: str
    kind: PartyKind
    names: tuple[Name, ...]
    codes: tuple[str, ...] = ()
    reachable: bool = True
    account: bool = True
    recorder: str
    temper: Temper = Temper.OPEN
    generous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """People who work with each other: their label (empty: they produce themselves), publishers and society."""

    number: int
    language: Language
    temper: Temper
    label: str
    publishers: tuple[str, ...]
    society: str
    artists: tuple[str, ...]
    musicians: tuple[str, ...]
    writers: tuple[str, ...]
    bands: tuple[tuple[str, tuple[str, ...]], ...]  # the band and its members, who are among the artists


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A musical work; `iswc` may be empty."""

    key: str
    title: str
    scene: int
    iswc: str
    codes: tuple[str, ...] = ()
    kind: WorkKind = WorkKind.ORIGINAL
    parts: tuple[str, ...] = ()
    parts_complete: bool = True
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A sound recording with its codes; `works` are those that it truly embodies."""

    key: str
    title: str
    artist: str
    scene: int
    year: int
    version: str
    duration_ms: int
    isrc: str
    codes: tuple[str, ...] = ()
    works: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    samples_complete: bool = True
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release with its recordings in order."""

    key: str
    title: str
    gtin: str
    label: str
    scene: int
    recordings: tuple[str, ...]
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A party's role, and perhaps share of a right, in a work or recording."""

    key: str
    subject: str
    party: str
    role: Role
    right: Right | None = None
    share: Fraction | None = None
    territory: str = WORLD
    tier: Tier = Tier.DOCUMENTED
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """`signed_by` says that all holders of one side are named."""

    subject: str
    side: Side
    signed_by: str
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDomain:
    """One side is free in a territory, on a basis."""

    subject: str
    side: Side
    basis: PublicDomainBasis
    territory: str
    start: str
    evidence: str
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An edge of the code graph, asserted by an organisation; `disputed_by` has another one disagree. One that is
    `implied` stands in the row of its work, recording or release, the others have rows of their own."""

    key: str
    left: str
    relation: Relation
    right: str
    asserted_by: str
    tier: Tier = Tier.DOCUMENTED
    disputed_by: str = ""
    implied: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """Somebody disputes who holds a side."""

    key: str
    subject: str
    side: Side
    opened_by: str
    tier: Tier
    reason: str
    next_actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """A named set of works, recordings and releases."""

    key: str
    owner: str
    members: tuple[str, ...]
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """A principal lets a delegate speak for it."""

    key: str
    principal: str
    delegate: str
    kind: MandateKind
    uses: frozenset[Use]
    scope: tuple[str, ...] = ()
    territory: str = WORLD
    period: Period = ALWAYS
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardian:
    """A guardian speaks for a minor until majority."""

    minor: str
    guardian: str
    majority_at: int
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """A party has died; its heirs speak."""

    deceased: str
    died_at: int
    heirs: tuple[str, ...]
    heirs_complete: bool
    recorder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a party says, itself or through `speaker`; `scope` is the local key of what it speaks of, if anything."""

    key: str
    party: str
    speaker: str
    verdict: Verdict
    uses: frozenset[Use]
    kind: ScopeKind
    scope: str = ""
    licensee: LicenseeTerm = ANYONE
    territory: str = WORLD
    period: Period = ALWAYS
    conditions: Conditions = NO_CONDITIONS
    delegation: str = ""
    recorder: str


@dataclass(slots=True, kw_only=True)
class Records:
    """Everything on record in the sample world, in the order in which it comes in. `planted` names by kind what was
    put in on purpose, as local keys."""

    parties: list[Party] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    completeness: list[Completeness] = field(default_factory=list)
    public_domain: list[PublicDomain] = field(default_factory=list)
    disputes: list[Dispute] = field(default_factory=list)
    catalogues: list[Catalogue] = field(default_factory=list)
    delegations: list[Delegation] = field(default_factory=list)
    guardians: list[Guardian] = field(default_factory=list)
    estates: list[Estate] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    planted: dict[str, tuple[str, ...]] = field(default_factory=dict)
