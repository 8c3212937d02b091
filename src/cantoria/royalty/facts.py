"""What royalty records. Tags 701 to 799, never reused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cantoria.kernel.facts import Capacity, FactType
from cantoria.kernel.ids import ModelId, PartyId, TariffId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import Period
from cantoria.royalty.tariff import Tariff
from cantoria.royalty.types import State

_SOCIETIES = frozenset({Capacity.OPERATOR, Capacity.CMO, Capacity.PERFORMERS_ORGANISATION})
_DEBTORS = frozenset({Capacity.AI_DEVELOPER, Capacity.DISTRIBUTOR, Capacity.OPERATOR, Capacity.CMO})


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffPublished:
    """A tariff, as data. It never changes: the first publication of an id counts, a new tariff has a new id."""

    TYPE: ClassVar = FactType(701, "tariff-published", _SOCIETIES)
    tariff: Tariff

    def subjects(self) -> tuple[str, ...]:
        return (self.tariff.tariff, self.tariff.publisher)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueDeclared:
    """What a model earned in a period under a tariff. A later one with the same `declaration` replaces the earlier
    one of the same debtor: corrections are declared whole, never as a difference. `final` closes the period."""

    TYPE: ClassVar = FactType(702, "revenue-declared", _DEBTORS)
    declaration: str
    debtor: PartyId
    model: ModelId
    tariff: TariffId
    label: str
    period: Period
    amount: Money
    final: bool = False

    def subjects(self) -> tuple[str, ...]:
        return (self.declaration, self.debtor, self.model, self.tariff)


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionRun:
    """A run over one pool and period, number `number` of it, in state `state`.

    `inputs` are the SHA-256 (hex) of its attachments (usage, generations, training set), `splits` and `rules` of the
    split versions and of the tariff, `outputs` of the postings (an attachment), `totals` of the cumulative state.
    Control sums are fine units: `total_in` = `holders` + `suspense` + `residue`, `debits` = `credits`. `ledger_size`
    is the size of the ledger that rights were read at.
    """

    TYPE: ClassVar = FactType(703, "distribution-run", _SOCIETIES)
    pool: str
    label: str
    number: int
    state: State
    tariff: TariffId
    ledger_size: int
    inputs: tuple[str, ...]
    rules: str
    splits: str
    outputs: str
    totals: str
    total_in: Money
    holders: Money
    suspense: Money
    residue: Money
    debits: Money
    credits: Money
    postings: int

    def subjects(self) -> tuple[str, ...]:
        return (self.pool, self.tariff, self.outputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementIssued:
    """A party's statement for a period: `digest` is the SHA-256 (hex) of its canonical JSON, an attachment."""

    TYPE: ClassVar = FactType(704, "statement-issued", _SOCIETIES)
    party: PartyId
    label: str
    digest: str
    amount: Money
    payable_minor: int
    runs: tuple[str, ...]

    def subjects(self) -> tuple[str, ...]:
        return (self.party, self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceAged:
    """Money of one subject waited in `holder` (a suspense) longer than the tariff allows: from the next run on its
    part of pool and period passes to `heir`. If the owner is found later, the same difference rule moves it on."""

    TYPE: ClassVar = FactType(705, "balance-aged", _SOCIETIES)
    pool: str
    label: str
    subject: str
    holder: str
    heir: str
    amount: Money

    def subjects(self) -> tuple[str, ...]:
        return (self.pool, self.subject, self.heir)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """A payee was paid whole minor units; the fraction of a minor unit stays on its account as carry."""

    TYPE: ClassVar = FactType(706, "paid-out", _SOCIETIES)
    payment: str
    party: PartyId
    amount: Money
    carry: Money
    statement: str

    def subjects(self) -> tuple[str, ...]:
        return (self.payment, self.party, self.statement)
