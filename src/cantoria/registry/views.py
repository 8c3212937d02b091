"""What the fold shows of one party, work, recording, release or claim: everything said of it, put together."""

from __future__ import annotations

from dataclasses import dataclass

from cantoria.kernel.facts import Recorded
from cantoria.registry.facts import ShareClaimed
from cantoria.registry.trade_facts import ChainAsserted, CollectionClaimed, TitleKind
from cantoria.registry.types import PartyKind, Tier, WorkKind


@dataclass(frozen=True, slots=True)
class PartyView:
    """A party; `names` and `codes` are empty where they were erased or never given. It is reachable when any
    organisation says that a request can be delivered to it."""

    party: str
    kind: PartyKind
    reachable: bool
    names: tuple[str, ...]
    codes: tuple[str, ...]
    index: int


@dataclass(frozen=True, slots=True)
class WorkView:
    """A work: `parts` is the union of what all organisations name, `parts_complete` only if none doubts it."""

    work: str
    title: str
    kind: WorkKind
    parts: tuple[str, ...]
    parts_complete: bool
    index: int


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A recording: `samples` is the union of what all organisations name, `samples_complete` only if none doubts
    it; the other columns are those of the organisation that registered it first."""

    recording: str
    title: str
    display_artist: str
    version: str
    duration_ms: int | None
    samples: tuple[str, ...]
    samples_complete: bool
    index: int


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release and all recordings that its registering organisation ever put on it, in order."""

    release: str
    title: str
    recordings: tuple[str, ...]
    index: int


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A rights claim as it stands, and from when on it is withdrawn (UTC microseconds, None = never)."""

    recorded: Recorded[ShareClaimed]
    withdrawn_at: int | None = None

    @property
    def fact(self) -> ShareClaimed:
        return self.recorded.fact

    @property
    def index(self) -> int:
        return self.recorded.index

    @property
    def organisation(self) -> str:
        return self.recorded.organisation

    @property
    def effective(self) -> bool:
        """Tell whether the claim is evidenced well enough to make a holder (tier DOCUMENTED upward)."""
        return self.recorded.fact.tier >= Tier.DOCUMENTED

    def in_force(self, at: int) -> bool:
        """Tell whether the claim is in its period and not withdrawn at `at`."""
        return self.recorded.fact.period.contains(at) and (self.withdrawn_at is None or at < self.withdrawn_at)


@dataclass(frozen=True, slots=True)
class TitleView:
    """What a work, recording or release is also called, of what kind, and which organisation said so first."""

    title: str
    kind: TitleKind
    language: str
    organisation: str
    index: int


@dataclass(frozen=True, slots=True)
class CollectionView:
    """Who says that it collects what; it makes nobody a holder."""

    recorded: Recorded[CollectionClaimed]

    @property
    def fact(self) -> CollectionClaimed:
        return self.recorded.fact

    @property
    def index(self) -> int:
        return self.recorded.index

    @property
    def organisation(self) -> str:
        return self.recorded.organisation

    def in_force(self, at: int) -> bool:
        """Tell whether the collection is in its period at `at`."""
        return self.recorded.fact.period.contains(at)


@dataclass(frozen=True, slots=True)
class ChainView:
    """A link of a chain of title. It has effect where who recorded it answers for the work or for the grantor."""

    recorded: Recorded[ChainAsserted]
    effective: bool

    @property
    def fact(self) -> ChainAsserted:
        return self.recorded.fact

    @property
    def index(self) -> int:
        return self.recorded.index

    @property
    def organisation(self) -> str:
        return self.recorded.organisation

    def in_force(self, at: int) -> bool:
        """Tell whether the link is in its period at `at`."""
        return self.recorded.fact.period.contains(at)
