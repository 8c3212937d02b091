"""Nouns of mandates: how one party may speak for another (RULES section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cantoria.kernel.ids import PartyId


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
