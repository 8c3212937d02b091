"""What mandates record. Tags 201 to 299, never reused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cantoria.kernel.facts import FactType, Signature
from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import Use
from cantoria.mandates.types import MandateKind
from cantoria.registry.facts import REGISTRARS


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationGranted:
    """A principal lets a delegate speak for it, for these uses. It must carry the principal's signature, and it
    never covers a use it does not name. `scope` is empty (everything of the principal) or ids of works, recordings,
    releases or catalogues. `parent` is the delegation under which a sub-delegation is made."""

    TYPE: ClassVar = FactType(201, "delegation-granted", REGISTRARS)
    delegation: DelegationId
    principal: PartyId
    delegate: PartyId
    kind: MandateKind
    uses: frozenset[Use]
    scope: tuple[str, ...] = ()
    territory: str = WORLD
    period: Period = ALWAYS
    may_subdelegate: bool = False
    statements_survive: bool = False
    parent: DelegationId | None = None
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.delegation, self.principal, self.delegate, *self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationEnded:
    """A delegation ends at `at` (UTC microseconds). Ending needs no formality: no yes under it counts any longer.

    Refusals under it, and the need for a co-signer or trust CMO, end only by the word of the principal, the delegate
    or the organisation that recorded the grant, for their end could open a door."""

    TYPE: ClassVar = FactType(202, "delegation-ended", REGISTRARS)
    delegation: DelegationId
    at: int
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.delegation,)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianAppointed:
    """A guardian speaks for a minor until `majority_at`; from then on its yes counts as ask."""

    TYPE: ClassVar = FactType(203, "guardian-appointed", REGISTRARS)
    minor: PartyId
    guardian: PartyId
    majority_at: int

    def subjects(self) -> tuple[str, ...]:
        return (self.minor, self.guardian)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateOpened:
    """A party has died at `died_at`; all heirs must say yes, or the `representative` where the profile names that
    office. What the party said in life stays in force unless an heir says otherwise."""

    TYPE: ClassVar = FactType(204, "estate-opened", REGISTRARS)
    deceased: PartyId
    died_at: int
    heirs: tuple[PartyId, ...]
    heirs_complete: bool
    representative: PartyId | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.deceased, *self.heirs)
