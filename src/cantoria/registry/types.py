"""Nouns of the registry: parties, roles, rights, evidence, and the nodes of the code graph."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from cantoria.kernel.ids import CaseId, LinkId, PartyId


class PartyKind(StrEnum):
    PERSON = "person"
    GROUP = "group"
    ORGANISATION = "organisation"


class Side(StrEnum):
    """The two sides that must both be complete: the musical work and the sound recording."""

    WORK = "work"
    RECORDING = "recording"


class Role(StrEnum):
    """Why somebody is a holder. Work side: the first six; recording side: the last three (RULES section 1)."""

    COMPOSER = "composer"
    LYRICIST = "lyricist"
    AUTHOR = "author"
    ARRANGER = "arranger"
    TRANSLATOR = "translator"
    PUBLISHER = "publisher"
    FEATURED_PERFORMER = "featured_performer"
    NON_FEATURED_PERFORMER = "non_featured_performer"
    PRODUCER = "producer"

    @property
    def side(self) -> Side:
        return Side.RECORDING if self in RECORDING_ROLES else Side.WORK


RECORDING_ROLES = frozenset({Role.FEATURED_PERFORMER, Role.NON_FEATURED_PERFORMER, Role.PRODUCER})
WRITER_ROLES = frozenset({Role.COMPOSER, Role.LYRICIST, Role.AUTHOR, Role.ARRANGER, Role.TRANSLATOR})


class Right(StrEnum):
    PERFORMING = "performing"
    MECHANICAL = "mechanical"
    SYNCHRONISATION = "synchronisation"
    NEIGHBOURING = "neighbouring"


class Tier(IntEnum):
    """How well an assertion is evidenced. A claim, link or dispute has effect (makes a holder, identifies, blocks)
    from DOCUMENTED upward; below it is only shown (RULES section 4)."""

    SIGNAL = 1
    ASSERTED = 2
    DOCUMENTED = 3
    VERIFIED = 4
    ADJUDICATED = 5


class WorkKind(StrEnum):
    ORIGINAL = "original"
    ARRANGEMENT = "arrangement"
    TRANSLATION = "translation"
    MEDLEY = "medley"


class Relation(StrEnum):
    """What a link of the code graph says of its two nodes."""

    IDENTIFIES = "identifies"  # a code names a work, recording, release or party
    EMBODIES = "embodies"  # a recording embodies a work
    SAME_AS = "same_as"  # two codes or two entities name one thing


class LinkState(StrEnum):
    AGREED = "agreed"
    DISPUTED = "disputed"
    UNREVIEWED = "unreviewed"
    WITHDRAWN = "withdrawn"  # all who asserted it took it back


class PublicDomainBasis(StrEnum):
    TERM_EXPIRED = "term_expired"
    DEDICATED = "dedicated"
    NEVER_PROTECTED = "never_protected"


class CaseKind(StrEnum):
    SHARES_ABOVE_WHOLE = "shares_above_whole"
    LINK_DISPUTED = "link_disputed"
    CODE_SHARED = "code_shared"  # one code identifies several things
    CLAIM_DISPUTED = "claim_disputed"
    CODES_SEVERAL = "codes_several"  # one thing has several codes of a scheme that gives it one
    CHAIN_BROKEN = "chain_broken"  # a publisher claims or collects what no chain of title brings it
    REGISTRATION_CONFLICT = "registration_conflict"  # a registration was answered with a conflict


class Stage(StrEnum):
    """How far a case has come: who is asked at each, `cantoria.registry.escalation` says for how long."""

    CLAIMANT = "claimant"  # whose word made the conflict
    OTHERS = "others"  # who holds against it
    SOCIETIES = "societies"  # those of the holders concerned
    REGISTRAR = "registrar"
    DECIDED = "decided"  # a register has decided, and it is to be carried out


class Problem(StrEnum):
    """Why a side or a closure is not whole; clearance maps each to a reason."""

    NO_LINKED_WORK = "no_linked_work"
    NO_HOLDERS = "no_holders"
    HOLDERS_INCOMPLETE = "holders_incomplete"
    SHARES_NOT_WHOLE = "shares_not_whole"
    BLOCKING_DISPUTE = "blocking_dispute"
    ORIGINAL_UNKNOWN = "original_unknown"
    SAMPLE_UNKNOWN = "sample_unknown"


@dataclass(frozen=True, slots=True, order=True)
class Holding:
    """Why a party has a say in a subject (a work or a recording): the party and its role there."""

    party: PartyId
    role: Role


@dataclass(frozen=True, slots=True)
class SideState:
    """What is known of one side of one subject in one territory at one moment.

    `complete` means that somebody entitled said so and that registered shares are whole; a side in the public domain
    has no holders and is complete. `problems` are in the order of `Problem`.
    """

    subject: str
    side: Side
    complete: bool
    public_domain: bool
    holders: tuple[Holding, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Closure:
    """Everything that a recording (or a work) carries with it: all its works with their originals and parts, and
    all sampled recordings with theirs. `problems` says where the chain breaks."""

    works: tuple[str, ...]
    recordings: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A row's codes name exactly this subject; `by` is the scheme that found it."""

    subject: str
    side: Side
    by: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """None of the row's codes is known."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The codes name several things, or contradict each other; none is chosen."""

    candidates: tuple[str, ...]
    contradiction: bool = False


Resolution = Found | NotFound | Ambiguous


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link with everything that was said of it. `vouched`: what a recording embodies, or that two things are one, was
    said or agreed to for each of them by an office or by who registered it first; strangers' words move no money."""

    link: LinkId
    left: str
    relation: Relation
    right: str
    state: LinkState
    tier: Tier
    asserted_by: tuple[str, ...]
    index: int
    vouched: bool = True


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """What was said in a case: at which ledger index, when (UTC microseconds), by whom, what, and why it did not move
    the clock (empty when it did)."""

    index: int
    at: int
    by: str
    what: str
    text: str = ""
    without_effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """Who is concerned by a case: the organisations whose word made it (`claimants`), those that hold against it
    (`others`), the holders that it is about, and everybody who may not decide it (`interested`)."""

    claimants: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    holders: tuple[str, ...] = ()
    interested: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """A conflict that somebody has to settle: what it is about, since when, whose turn it is, and until when.

    `evidence` are ledger indices, `about` the ids of the claims and links in question, `missed` how many deadlines
    passed unused, `events` what was said in the case.
    """

    case: CaseId
    kind: CaseKind
    subject: str
    opened_at: int
    due_at: int
    next_actor: str
    blocks: bool
    evidence: tuple[int, ...]
    detail: str
    about: tuple[str, ...] = ()
    concerned: Concerned = Concerned()
    stage: Stage = Stage.CLAIMANT
    missed: int = 0
    events: tuple[CaseEvent, ...] = ()
