"""What the ledger says of money: tariffs, revenue, runs, aged balances, payments. A fold over the ordered facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Recorded
from cantoria.royalty.contract import Due, Earned, dues
from cantoria.royalty.facts import BalanceAged, DistributionRun, PaidOut, RevenueDeclared, TariffPublished
from cantoria.royalty.split import whole
from cantoria.royalty.tariff import Tariff
from cantoria.royalty.types import Job, Key, State, Units


@dataclass(slots=True)
class Accounts:
    """The state of money after the first N facts. Runs name their postings by digest; the postings themselves are
    attachments, which `journal.read_postings` reads."""

    tariffs: dict[str, Tariff] = field(default_factory=dict)
    revenues: dict[str, Recorded[RevenueDeclared]] = field(default_factory=dict)
    runs: dict[tuple[str, str], list[DistributionRun]] = field(default_factory=dict)
    runners: dict[str, str] = field(default_factory=dict)
    aged: list[BalanceAged] = field(default_factory=list)
    payments: dict[str, Recorded[PaidOut]] = field(default_factory=dict)

    @staticmethod
    def fold(facts: Iterable[Recorded[Any]], *, size: int | None = None) -> Accounts:
        """Return the accounts after all facts, or after those with a ledger index below `size`."""
        accounts = Accounts()
        for recorded in facts:
            if size is None or recorded.index < size:
                accounts.add(recorded)
        return accounts

    def add(self, recorded: Recorded[Any]) -> None:
        """Take in one fact. A tariff comes only from its publisher and never changes, a declaration is replaced only
        by its debtor, a run counts only as the next number of its pool and period by who ran the first and under the
        tariff of the first, who runs a pool alone lets its balances age, only who runs a pool pays, and a payment's
        id counts once: anything else, and any negative amount, has no effect."""
        match recorded.fact:
            case TariffPublished(tariff=tariff):
                if recorded.organisation == tariff.publisher:
                    self.tariffs.setdefault(tariff.tariff, tariff)
            case RevenueDeclared() as revenue:
                before = self.revenues.get(revenue.declaration)
                same = before is None or before.organisation == recorded.organisation
                if same and recorded.organisation == revenue.debtor and revenue.amount.fine >= 0:
                    self.revenues[revenue.declaration] = recorded
            case DistributionRun() as run:
                runs = self.runs.get((run.pool, run.label), [])
                runner = self.runners.setdefault(run.pool, recorded.organisation)
                same = not runs or runs[0].tariff == run.tariff
                if same and run.number == len(runs) + 1 and recorded.organisation == runner:
                    self.runs[run.pool, run.label] = [*runs, run]
            case BalanceAged() as balance:
                if recorded.organisation == self.runners.get(balance.pool):
                    self.aged.append(balance)
            case PaidOut() as payment:
                if recorded.organisation in self.runners.values() and payment.amount.fine > 0:
                    self.payments.setdefault(payment.payment, recorded)
            case _:
                pass

    def earned(
        self, model: str, tariff: str, *, units: Mapping[tuple[str, str], int] | None = None
    ) -> tuple[Earned, ...]:
        """Return what a model earned under a tariff by period label, oldest first. `units` are those of pools with a
        unit price, by (label, pool name)."""
        sums: dict[str, int] = {}
        starts: dict[str, int] = {}
        currency = self.tariff(tariff).currency
        for declaration in sorted(self.revenues):
            fact = self.revenues[declaration].fact
            if (fact.model, fact.tariff) != (model, tariff):
                continue
            if fact.amount.currency != currency:
                raise InputError(f"{declaration} is in {fact.amount.currency}, its tariff in {currency}")
            sums[fact.label] = sums.get(fact.label, 0) + fact.amount.fine
            starts[fact.label] = min(starts.get(fact.label, fact.period.start), fact.period.start)
        order = sorted(sums, key=lambda label: (starts[label], label))
        return tuple(
            Earned(
                period=label,
                revenue=sums[label],
                units={pool: count for (of, pool), count in sorted((units or {}).items()) if of == label},
            )
            for label in order
        )

    def tariff(self, tariff: str) -> Tariff:
        """Return a published tariff."""
        if tariff not in self.tariffs:
            raise InputError(f"tariff {tariff} is not published", "publish it first: tariff-published")
        return self.tariffs[tariff]

    def dues(self, model: str, tariff: str, *, units: Mapping[tuple[str, str], int] | None = None) -> tuple[Due, ...]:
        """Return what the model's contract owes, period by period."""
        return dues(self.tariff(tariff), self.earned(model, tariff, units=units))

    def closed(self, model: str, tariff: str, *, label: str) -> bool:
        """Tell whether every declaration of the period is final."""
        facts = [recorded.fact for recorded in self.revenues.values()]
        mine = [fact for fact in facts if (fact.model, fact.tariff, fact.label) == (model, tariff, label)]
        return bool(mine) and all(fact.final for fact in mine)

    def runs_of(self, pool: str, label: str) -> tuple[DistributionRun, ...]:
        """Return the runs of a pool and period, in order."""
        return tuple(self.runs.get((pool, label), ()))

    def aged_of(self, pool: str, label: str) -> tuple[BalanceAged, ...]:
        """Return the balances of a pool and period that passed to their heirs, in order."""
        return tuple(balance for balance in self.aged if (balance.pool, balance.label) == (pool, label))

    def paid(self, party: str, currency: str, *, payer: str | None = None) -> int:
        """Return all fine units paid to a party in a currency, by everyone or by one payer."""
        return sum(
            recorded.fact.amount.fine
            for recorded in self.payments.values()
            if recorded.fact.party == party
            and recorded.fact.amount.currency == currency
            and payer in (None, recorded.organisation)
        )


def pool_id(model: str, pool: str) -> str:
    """Return the id of a model's pool."""
    return f"{model}/{pool}"


def revenue_account(model: str) -> str:
    """Return the account that a model's revenue comes from."""
    return f"revenue:{model}"


def recoupment_job(model: str, due: Due, *, currency: str, number: int, posted: Mapping[Key, int]) -> Job:
    """Return the job that books the recouped part of a due against the advance, so that it does not vanish."""
    split = whole(f"recouped:{model}")
    return Job(
        pool=pool_id(model, "advance"),
        period=due.period,
        currency=currency,
        number=number,
        funding={revenue_account(model): due.recouped},
        units=(Units("advance", split.version, 1),),
        splits={split.version: split},
        posted=posted,
        state=State.CLOSED,
    )
