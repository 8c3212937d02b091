"""What attribution records. Tags 601 to 629, never reused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.ids import PartyId

_CLAIMANTS = frozenset(
    {
        Capacity.OPERATOR,
        Capacity.CMO,
        Capacity.PUBLISHER,
        Capacity.PRODUCER,
        Capacity.PERFORMERS_ORGANISATION,
        Capacity.ATTRIBUTOR,
        Capacity.AI_DEVELOPER,
    }
)
_DECIDERS = frozenset({Capacity.OPERATOR, Capacity.CMO, Capacity.PERFORMERS_ORGANISATION})


class Outcome(StrEnum):
    """How a dispute of an attribution ended."""

    UPHELD = "upheld"  # the registered holders keep it
    CORRECTED = "corrected"  # the registry was corrected; the money follows the new claims
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionDisputed:
    """Somebody disputes what is attributed to a recording (`subject`: its id, or the code key in doubt): a second
    claim to one sound, or evidence said to be wrong. Its money waits in escrow from here on."""

    TYPE: ClassVar = FactType(601, "attribution-disputed", _CLAIMANTS)
    dispute: str
    subject: str
    claimant: PartyId
    reason: str
    next_actor: str
    due_at: int

    def subjects(self) -> tuple[str, ...]:
        return (self.dispute, self.subject, self.claimant)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionDecided:
    """A dispute is decided; the escrow is released by the difference rule."""

    TYPE: ClassVar = FactType(602, "attribution-decided", _DECIDERS)
    dispute: str
    outcome: Outcome
    decided_by: PartyId
    reason: str = ""

    def subjects(self) -> tuple[str, ...]:
        return (self.dispute, self.decided_by)
