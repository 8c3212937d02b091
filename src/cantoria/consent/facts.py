"""What consent records. Tags 301 to 399, never reused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cantoria.consent.types import ANYONE, NO_CONDITIONS, Conditions, LicenseeTerm, Scope, Verdict
from cantoria.kernel.facts import FactType, Signature
from cantoria.kernel.ids import DelegationId, PartyId, StatementId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.kernel.uses import Use
from cantoria.registry.facts import REGISTRARS


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMade:
    """`speaker` says stop, no, ask or yes for `party` (itself, or under a delegation, as guardian or heir).

    A yes needs the speaker's signature over the canonical body without `signature`; refusals need no formality.
    """

    TYPE: ClassVar = FactType(301, "statement-made", REGISTRARS)
    statement: StatementId
    party: PartyId
    speaker: PartyId
    verdict: Verdict
    uses: frozenset[Use]
    scope: Scope
    licensee: LicenseeTerm = ANYONE
    territory: str = WORLD
    period: Period = ALWAYS
    conditions: Conditions = NO_CONDITIONS
    delegation: DelegationId | None = None
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return tuple(s for s in (self.statement, self.party, self.speaker, self.scope.id, self.licensee.id) if s)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWithdrawn:
    """A statement ends at `at` (UTC microseconds): revocation works forward (RULES section 6).

    Taking back a yes needs no formality. Taking back anything that stands in the way of a yes can open a door, so it
    needs the word of the speaker or the party, or, where nobody signed, of the organisation that recorded it."""

    TYPE: ClassVar = FactType(302, "statement-withdrawn", REGISTRARS)
    statement: StatementId
    at: int
    signature: Signature | None = None

    def subjects(self) -> tuple[str, ...]:
        return (self.statement,)


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyTombstone:
    """Keeps the effect of a statement whose body is erased: no door opens by erasure (RULES section 7).

    `verdict` is stop, no or ask; a yes with conditions leaves an ask, a yes without any leaves nothing."""

    TYPE: ClassVar = FactType(303, "deny-tombstone", REGISTRARS)
    statement: StatementId
    party: PartyId
    verdict: Verdict
    uses: frozenset[Use]
    scope: Scope
    licensee: LicenseeTerm = ANYONE
    territory: str = WORLD
    period: Period = ALWAYS
    speaker: PartyId
    said_index: int  # the ledger index of the erased refusal, so that its rank in time is kept

    def subjects(self) -> tuple[str, ...]:
        return tuple(s for s in (self.statement, self.party, self.scope.id) if s)
