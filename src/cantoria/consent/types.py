"""Nouns of consent: verdicts, scopes, licensees and the conditions of a yes (RULES section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from cantoria.kernel.ids import DelegationId, PartyId, StatementId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period
from cantoria.kernel.uses import Use
from cantoria.mandates.types import Voice


class Verdict(StrEnum):
    STOP = "stop"
    NO = "no"
    ASK = "ask"
    YES = "yes"


class ScopeKind(IntEnum):
    """What a statement speaks of, narrowest first. PERSONA is the person themself: voice, likeness, style."""

    PERSONA = 0
    RECORDING = 1
    WORK = 2
    RELEASE = 3
    CATALOGUE = 4
    PRESENT_WORKS = 5
    FUTURE_WORKS = 6


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """`kind`, and for recording, work, release and catalogue the id; empty for the person-wide kinds."""

    kind: ScopeKind
    id: str = ""


class LicenseeKind(IntEnum):
    """How narrowly a statement names its licensee, narrowest first."""

    NAMED = 0
    CLASS = 1
    ANY = 2


@dataclass(frozen=True, slots=True)
class LicenseeTerm:
    """To whom a statement speaks: one named party, a class of licensees (such as `research`), or anyone."""

    kind: LicenseeKind = LicenseeKind.ANY
    id: str = ""


ANYONE = LicenseeTerm()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a yes demands beyond licensee, territory and period.

    `min_price` is open until an offer meets it (then the yes counts as ask); the others must be met by the request
    or the yes counts as silence. `other` holds terms that no program can evaluate: a yes with any never counts.
    """

    model_version: str | None = None
    min_price: Money | None = None
    attribution: bool = False
    label: bool = False
    campaign: str | None = None
    other: tuple[str, ...] = ()


NO_CONDITIONS = Conditions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """A statement that has effect, as the mandates fold left it: whose voice, what, where, when, and its rank inputs.

    One recorded statement can become several of these (a guardian's yes turns into ask at majority). `own` is False
    for a delegate's. `index` is the ledger index: the later statement wins a tie. `period` already ends where the
    mandate behind it ends.
    """

    statement: StatementId
    voice: Voice
    verdict: Verdict
    uses: frozenset[Use]
    scope: Scope
    licensee: LicenseeTerm
    territory: str
    period: Period
    conditions: Conditions = field(default=NO_CONDITIONS)
    own: bool
    delegation: DelegationId | None
    index: int


@dataclass(frozen=True, slots=True)
class NoEffect:
    """A recorded statement without effect, and why: it is kept and shown, and opens nothing."""

    statement: StatementId
    party: PartyId
    reason: str
    index: int
