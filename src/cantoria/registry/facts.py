"""What the registry records. Tags 101 to 199, never reused.

Names and codes of natural persons are identity data, kept in facts of their own so that they can be erased without
touching shares, links and statements (RULES section 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from cantoria.kernel.facts import Capacity, FactType, Signature, Source
from cantoria.kernel.ids import CaseId, CatalogueId, ClaimId, LinkId, PartyId, RecordingId, ReleaseId, WorkId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.registry.types import PartyKind, PublicDomainBasis, Relation, Right, Role, Side, Tier, WorkKind

NOWHERE = Source()
REGISTRARS = frozenset(
    {
        Capacity.OPERATOR,
        Capacity.CMO,
        Capacity.PUBLISHER,
        Capacity.PRODUCER,
        Capacity.DISTRIBUTOR,
        Capacity.PERFORMERS_ORGANISATION,
        Capacity.REGISTRAR,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRegistered:
    """A party exists. `reachable` tells whether a request for permission can be delivered to it."""

    TYPE: ClassVar = FactType(101, "party-registered", REGISTRARS)
    party: PartyId
    kind: PartyKind
    reachable: bool = True

    def subjects(self) -> tuple[str, ...]:
        return (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyNamed:
    """What a party is called (identity data, erasable). `script` is ISO 15924 or empty."""

    TYPE: ClassVar = FactType(102, "party-named", REGISTRARS, identity=True)
    party: PartyId
    name: str
    script: str = ""
    codes: tuple[str, ...] = ()  # code keys such as "ipi_name:00014107338"; personal data, so they stand here

    def subjects(self) -> tuple[str, ...]:
        return (self.party, *self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyKeyRegistered:
    """An organisation that knows the party vouches for its Ed25519 public key (hex)."""

    TYPE: ClassVar = FactType(103, "party-key-registered", REGISTRARS)
    party: PartyId
    key: str
    period: Period = ALWAYS

    def subjects(self) -> tuple[str, ...]:
        return (self.party,)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRegistered:
    """A musical work exists. `parts` are the originals of an arrangement or translation, or the works of a medley;
    `parts_complete` says that all of them are named."""

    TYPE: ClassVar = FactType(110, "work-registered", REGISTRARS)
    work: WorkId
    title: str
    kind: WorkKind = WorkKind.ORIGINAL
    parts: tuple[WorkId, ...] = ()
    parts_complete: bool = True
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.work, *self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRegistered:
    """A sound recording exists. `samples` are sampled recordings; `samples_complete` says that all are named."""

    TYPE: ClassVar = FactType(111, "recording-registered", REGISTRARS)
    recording: RecordingId
    title: str
    display_artist: str = ""
    duration_ms: int | None = None
    version: str = ""
    samples: tuple[RecordingId, ...] = ()
    samples_complete: bool = True
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.recording, *self.samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRegistered:
    """A release exists and carries these recordings, in order."""

    TYPE: ClassVar = FactType(112, "release-registered", REGISTRARS)
    release: ReleaseId
    title: str
    recordings: tuple[RecordingId, ...]
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.release, *self.recordings)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueDefined:
    """A named set of works, recordings and releases that statements can speak of; a later one adds members."""

    TYPE: ClassVar = FactType(113, "catalogue-defined", REGISTRARS)
    catalogue: CatalogueId
    owner: PartyId
    members: tuple[str, ...]

    def subjects(self) -> tuple[str, ...]:
        return (self.catalogue, self.owner, *self.members)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAsserted:
    """Somebody asserts an edge of the code graph, with evidence. Nodes are entity ids or code keys
    (`isrc:KRA381900123`); `IDENTIFIES` goes code -> entity, `EMBODIES` recording -> work. Several assertions of the
    same edge are evidence for it side by side; none overwrites another."""

    TYPE: ClassVar = FactType(120, "link-asserted", REGISTRARS)
    link: LinkId
    left: str
    relation: Relation
    right: str
    asserted_by: PartyId | str
    tier: Tier = Tier.DOCUMENTED
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.link, self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReviewed:
    """A reviewer agrees with or disputes a link; the latest review of each reviewer counts."""

    TYPE: ClassVar = FactType(121, "link-reviewed", REGISTRARS)
    link: LinkId
    agreed: bool
    reviewed_by: PartyId | str
    tier: Tier = Tier.DOCUMENTED
    reason: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.link,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareClaimed:
    """A party claims a role, and for a right a share, in a work or recording, in a territory and period.

    `share` is an exact fraction of 1, or None where only the role is known (a line-up without shares). A later claim
    with the same `claim` id replaces the earlier one of the same claimant; different claims stand side by side.
    """

    TYPE: ClassVar = FactType(130, "share-claimed", REGISTRARS)
    claim: ClaimId
    subject: str
    party: PartyId
    role: Role
    right: Right | None = None
    share: Fraction | None = None
    territory: str = WORLD
    period: Period = ALWAYS
    tier: Tier = Tier.DOCUMENTED
    asserted_by: PartyId | str = ""
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.claim, self.subject, self.party)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimWithdrawn:
    """The claimant takes a claim back from `at` on (UTC microseconds)."""

    TYPE: ClassVar = FactType(131, "claim-withdrawn", REGISTRARS)
    claim: ClaimId
    at: int

    def subjects(self) -> tuple[str, ...]:
        return (self.claim,)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldersDeclaredComplete:
    """Somebody entitled signs that all holders of one side are registered: the producer for a recording's line-up,
    a publisher or CMO for a work's writers (RULES section 4). `signed_by` must hold that role there, or be a CMO.

    `claims` names every claim that it saw. A listed claim that cannot be found (erased) or a claim in force that is
    not listed makes the side incomplete again, so that losing or adding a holder never passes unnoticed. `said_at`
    (UTC microseconds) tells one signed statement from the next: the same signed body recorded again says nothing new.
    """

    TYPE: ClassVar = FactType(140, "holders-declared-complete", REGISTRARS)
    subject: str
    side: Side
    signed_by: PartyId
    claims: tuple[ClaimId, ...]
    period: Period = ALWAYS
    said_at: int = 0
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.subject, self.signed_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessWithdrawn:
    """A completeness statement is taken back, or removed because somebody was missing."""

    TYPE: ClassVar = FactType(141, "completeness-withdrawn", REGISTRARS)
    subject: str
    side: Side
    signed_by: PartyId
    reason: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.subject, self.signed_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDomainEvidenced:
    """Evidence that one side is in the public domain in a territory during a period, on a basis."""

    TYPE: ClassVar = FactType(142, "public-domain-evidenced", REGISTRARS)
    subject: str
    side: Side
    basis: PublicDomainBasis
    territory: str
    period: Period
    tier: Tier
    evidence: str
    source: Source = NOWHERE

    def subjects(self) -> tuple[str, ...]:
        return (self.subject,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeOpened:
    """Somebody disputes the holders of a side; it blocks from the tier DOCUMENTED upward. A case with a clock."""

    TYPE: ClassVar = FactType(150, "dispute-opened", REGISTRARS)
    case: CaseId
    subject: str
    side: Side
    opened_by: PartyId | str
    tier: Tier
    reason: str
    next_actor: str
    due_at: int

    def subjects(self) -> tuple[str, ...]:
        return (self.case, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeClosed:
    """A dispute is settled."""

    TYPE: ClassVar = FactType(151, "dispute-closed", REGISTRARS)
    case: CaseId
    outcome: str

    def subjects(self) -> tuple[str, ...]:
        return (self.case,)
