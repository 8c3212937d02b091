"""What the recorded distributions come to: sums by holder of each run, read once from its postings and then kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cantoria.app import payday
from cantoria.app.house import House
from cantoria.kernel.facts import Recorded
from cantoria.kernel.money import Money
from cantoria.lineage.facts import ModelRegistered
from cantoria.royalty import journal
from cantoria.royalty.accounts import Accounts
from cantoria.royalty.controls import is_clearing
from cantoria.royalty.facts import BalanceAged, DistributionRun, PaidOut, RevenueDeclared, TariffPublished
from cantoria.royalty.types import FUNDING_SUBJECT

HOLDERS_MAX: Final = 2_000_000  # holders of all runs that are kept together
ACCOUNTED: Final = frozenset(cls.TYPE.tag for cls in (TariffPublished, RevenueDeclared, DistributionRun, BalanceAged))


@dataclass(frozen=True, slots=True)
class Tally:
    """What one run credited each holder (net, fine units), and of how many subjects the named balances are made."""

    holders: Mapping[str, int]
    subjects: Mapping[str, int]


@dataclass(slots=True)
class Tallies:
    """The tallies of runs by the digest of their postings, which never change; those used longest ago go first."""

    _kept: OrderedDict[str, Tally] = field(default_factory=OrderedDict)
    _holders: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def missing(self, runs: Iterable[DistributionRun]) -> int:
        """Return how many postings of these runs are still to be read."""
        with self._lock:
            return sum(run.postings for run in runs if run.outputs not in self._kept)

    def of(self, house: House, run: DistributionRun) -> Tally:
        """Return the tally of a run; its postings are read and verified the first time."""
        with self._lock:
            found = self._kept.get(run.outputs)
            if found is not None:
                self._kept.move_to_end(run.outputs)
                return found
        found = tallied(house.attachments.get(run.outputs))
        with self._lock:
            if run.outputs not in self._kept:
                self._kept[run.outputs] = found
                self._holders += len(found.holders)
            while self._holders > HOLDERS_MAX and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._holders -= len(gone.holders)
        return found

    def credited(self, house: House, runs: Iterable[DistributionRun], *, holder: str) -> int:
        """Return what runs of one pool and period credited a holder together, in fine units."""
        return sum(self.of(house, run).holders.get(holder, 0) for run in runs)


def tallied(data: bytes) -> Tally:
    """Return the tally of a journal of postings; money that comes in and accounts that pass it on are left out."""
    holders: dict[str, int] = {}
    named: dict[str, set[str]] = {}
    for posting in journal.read_postings(data):
        key = posting.key
        if is_clearing(key) or key.subject == FUNDING_SUBJECT:
            continue
        holders[key.holder] = holders.get(key.holder, 0) + posting.credit - posting.debit
        if not is_party(key.holder):
            named.setdefault(key.holder, set()).add(key.subject)
    return Tally(holders, {holder: len(subjects) for holder, subjects in named.items()})


def is_party(holder: str) -> bool:
    """Tell whether a holder is a party, not a named balance."""
    return holder.startswith("party_")


def accounts_at(house: House, size: int) -> Accounts:
    """Return what the ledger says of money as of `size`: tariffs, revenue, runs, aged balances. Payments and issued
    statements are not in it: there is one for every party and period, and `index.about` finds a party's."""
    tags = ACCOUNTED | {ModelRegistered.TYPE.tag}
    known = house.index.mark(tags=tags, size=size)
    found: Accounts = house.memo.get(
        ("money accounts", known), lambda: payday.load_accounts(house, size=size, tags=ACCOUNTED)
    )
    return found


def payments_to(house: House, accounts: Accounts, party: str, *, size: int) -> list[Recorded[PaidOut]]:
    """Return a party's payments by those who distribute, in ledger order; the first of an id counts."""
    found: dict[str, Recorded[PaidOut]] = {}
    for said in house.index.about([party], tags=[PaidOut.TYPE.tag], size=size):
        mine = said.fact.party == party and said.fact.amount.fine > 0
        if mine and said.organisation in accounts.runners.values():
            found.setdefault(said.fact.payment, said)
    return list(found.values())


def amount(fine: int, currency: str) -> dict[str, str]:
    """Return an amount as pages say it: exact decimal text, its currency, and the whole number of fine units."""
    return {"amount": Money(fine, currency).format(), "currency": currency, "fine": str(fine)}


def called(house: House, thing: str) -> str:
    """Return what people call a party or another thing, or nothing where no name is on record."""
    found = house.index.name_of(thing)
    return "" if found == thing else found.removesuffix(f"[{thing}]").strip()


def source_called(house: House, source: str) -> str:
    """Return what a source of money is called: the name of a model, or of a channel of use."""
    if source.startswith("channel:"):
        return source.partition(":")[2]
    said = house.index.about([source], tags=[ModelRegistered.TYPE.tag])
    return next((one.fact.name for one in said if one.fact.model == source), "")


def run_entries(house: House, pools: Iterable[str], *, size: int) -> dict[str, int]:
    """Return the ledger index of the runs of these pools, by `pool/label/number`; the first of a number counts."""
    found: dict[str, int] = {}
    for said in house.index.about(sorted(set(pools)), tags=[DistributionRun.TYPE.tag], size=size):
        fact = said.fact
        found.setdefault(f"{fact.pool}/{fact.label}/{fact.number}", said.index)
    return found
