"""What licensing records. Tags 351 to 399, never reused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cantoria.consent.types import Scope
from cantoria.kernel.facts import Capacity, FactType, Signature, Source
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import Use
from cantoria.licensing.types import DealId
from cantoria.registry.facts import NOWHERE, REGISTRARS

DEALERS = REGISTRARS | {Capacity.AI_DEVELOPER}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlanketDealRegistered:
    """A label (`label`, a producer) has a deal with an AI developer (`licensee`) over many recordings at once.

    `scopes` are recordings, releases, catalogues, or the label's present recordings. `evidence` is where it is
    published. `by_label` says that the label itself says so, which its organisation or its signature has to bear out;
    `statements` are then its own yeses that were recorded beside. The deal itself is nobody's yes. A later one with the
    same `deal` id replaces the earlier one of the same organisation.
    """

    TYPE: ClassVar = FactType(351, "blanket-deal-registered", DEALERS)
    deal: DealId
    label: PartyId
    licensee: PartyId
    uses: frozenset[Use]
    scopes: tuple[Scope, ...]
    territory: str = WORLD
    period: Period = ALWAYS
    evidence: str = ""
    asserted_by: PartyId | str
    by_label: bool = False
    statements: tuple[StatementId, ...] = ()
    source: Source = NOWHERE
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.deal, self.label, self.licensee, *(scope.id for scope in self.scopes if scope.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class DealContested:
    """Somebody contests a deal: that it exists, what it covers, or that the label may make it. Shown wherever the deal
    is. `attachments` are the SHA-256 (hex) of documents."""

    TYPE: ClassVar = FactType(352, "deal-contested", DEALERS)
    deal: DealId
    contested_by: PartyId
    reason: str
    evidence: str = ""
    attachments: tuple[str, ...] = ()
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.deal, self.contested_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealEnded:
    """A deal ends at `at` (UTC microseconds). Who recorded it, either party to it, or a register can say so."""

    TYPE: ClassVar = FactType(353, "deal-ended", DEALERS)
    deal: DealId
    at: int
    ended_by: PartyId
    reason: str = ""
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.deal, self.ended_by)
