"""Nouns of mandates: how one party may speak for another (RULES section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.uses import Use
from cantoria.mandates.reasons import WhyNot


class MandateKind(StrEnum):
    """AGENT: a manager, label or publisher that speaks for a party. CMO: a collective management organisation under
    its membership contract. COSIGNER: a party whose yes is needed beside the principal's own. TRUST: a CMO that
    holds the rights in trust; its yes is needed in addition where the profile says so, never instead."""

    AGENT = "agent"
    CMO = "cmo"
    COSIGNER = "cosigner"
    TRUST = "trust"


@dataclass(frozen=True, slots=True, order=True)
class Voice:
    """Who has to say yes for a holder: `principal` is the holder, `speaker` the one whose yes counts.

    Usually both are the same; an estate has one voice per heir, a co-signature adds the co-signer, a trust the CMO.
    """

    principal: PartyId
    speaker: PartyId

    def __str__(self) -> str:
        """Return `principal`, or `principal via speaker` where somebody else's yes is needed."""
        return self.principal if self.speaker == self.principal else f"{self.principal} via {self.speaker}"


class Demands(Protocol):
    """What a legal profile says about who must say yes; `consent.Profile` is one."""

    @property
    def trust_cmo(self) -> bool:
        """Tell whether a CMO that holds rights in trust must say yes in addition."""
        ...

    @property
    def estate_representative(self) -> bool:
        """Tell whether the profile names the representative of an estate, whose yes then stands for all heirs."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """What mandates must know of a statement: who says it for whom, about what, when, and how it was signed.

    `scope` is the id that the statement is limited to, empty for a person-wide one; `said_at` UTC microseconds.
    """

    party: PartyId
    speaker: PartyId
    uses: frozenset[Use]
    scope: str
    territory: str
    delegation: DelegationId | None
    said_at: int
    index: int
    organisation: str
    proven_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A speaker may speak: in whose voice, as its `own` or as somebody else's word, for which uses, where, when.

    `yes_counts_as_ask` is set for the time after a guardian's office ended.
    """

    voice: Voice
    own: bool
    uses: frozenset[Use]
    territory: str
    period: Period = ALWAYS
    delegation: DelegationId | None = None
    yes_counts_as_ask: bool = False


@dataclass(frozen=True, slots=True)
class NoAuthority:
    """A speaker may not say that, and why."""

    reason: WhyNot


@dataclass(frozen=True, slots=True)
class Estate:
    """A deceased party's succession as last recorded; `heirs` sorted."""

    deceased: PartyId
    died_at: int
    heirs: tuple[PartyId, ...]
    heirs_complete: bool
    representative: PartyId | None
