"""Issue a party's statement: recomputed from the ledger as of each recorded run, checked against it, then recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cantoria.app import as_of, payday, paying
from cantoria.app.house import House
from cantoria.app.payday import Payday, Request
from cantoria.app.ports import Author
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Currency, Money
from cantoria.ledger.bundle import ATTESTED
from cantoria.registry.facts import PartyNamed
from cantoria.royalty import journal, statements
from cantoria.royalty.accounts import Accounts
from cantoria.royalty.facts import DistributionRun, StatementIssued
from cantoria.royalty.statement_views import to_csv, to_html
from cantoria.royalty.statements import Addressee, Source


@dataclass(frozen=True, slots=True)
class Issued:
    """A statement: its JSON value, the amount in words, and the files to hand out by suffix."""

    statement: Any
    amount: str
    files: Mapping[str, bytes]


def issue(house: House, *, party: str, label: str, currency: str, author: Author, dry_run: bool = False) -> Issued:
    """Issue the statement of `party` for the period `label` and return its files.

    The JSON file carries the statement and the ledger's proof of its digest: it verifies offline on its own.
    """
    value, sources = statement_at(house, party=party, label=label, currency=currency, size=house.index.catch_up())
    amount = f"{value['totals']['closed']} closed, {value['totals']['provisional']} provisional {currency}"
    files = {".csv": to_csv(value).encode(), ".html": to_html(value).encode()}
    if dry_run:
        return Issued(value, amount, {".json": statements.to_bytes(value), **files})
    data = statements.to_bytes(value)
    fact = StatementIssued(
        party=PartyId(party),
        label=label,
        digest=house.attachments.put(data),
        amount=_credited(sources, party, currency),
        payable_minor=value["payable_minor"],
        runs=tuple(source.run_id for source, _ in sources),
    )
    receipt = house.journal.record([fact], author=author)[0]
    return Issued(value, amount, {".json": attested(house, receipt.index, value), **files})


def statement_at(
    house: House, *, party: str, label: str, currency: str, size: int
) -> tuple[Any, list[tuple[Source, Payday]]]:
    """Return the statement as it stood at ledger size `size`, with what it was made from.

    It is a function of the runs recorded below `size` alone: rights, names, balances and payments are those of the
    size that the last of them read. So a statement issued as entry N comes out the same from `size` N for ever.
    """
    accounts = payday.load_accounts(house, size=size)
    read_size = max(fact.ledger_size for _, fact in recorded_runs(accounts, label, currency))
    sources = recomputed(house, accounts, label=label, currency=currency)
    before = payday.load_accounts(house, size=read_size)
    opening = paying.closed_credits(house, before, currency=currency, without=label).get(party, 0)
    addressee = Addressee(
        party=party,
        name=_name(house, party, size=read_size),
        opening=opening - before.paid(party, currency),
        titles=_titles(sources, party),
    )
    read_at = as_of.earlier(house, read_size)
    ledger = {"size": read_at.size, "root": read_at.root}
    value = statements.statement_of(addressee, [source for source, _ in sources], label=label, ledger=ledger)
    if not value["lines"]:
        raise InputError(f"{party} has no money in {label} in {currency}", "check the party and the period")
    return value, sources


def attested(house: House, index: int, document: Any) -> bytes:
    """Return a document with the proof bundle of the fact that records its digest, as one canonical file."""
    proof = canonical.decode(house.sequencer.bundle(index))
    return canonical.encode({"format": ATTESTED, "document": document, "proof": proof})


def recomputed(house: House, accounts: Accounts, *, label: str, currency: str) -> list[tuple[Source, Payday]]:
    """Return every pool of the period, distributed afresh as of its last recorded run, with what explains it.

    Raises `IntegrityError` when the fresh totals are not those that the runs recorded.
    """
    found: list[tuple[Source, Payday]] = []
    done: dict[tuple[str, str, int], Payday] = {}
    for run_id, fact in recorded_runs(accounts, label, currency):
        model, _, name = fact.pool.rpartition("/")
        key = (model, fact.tariff, fact.ledger_size)
        if key not in done:
            request = Request(model=model, tariff=fact.tariff, label=label)
            done[key] = payday.compute(house, request, size=fact.ledger_size, afresh=True)
        run = replace(done[key].runs[name], number=fact.number)
        if journal.totals_digest(run) != fact.totals:
            raise IntegrityError(
                f"pool {fact.pool} of {label} does not recompute to what was recorded", "do not pay; compare inputs"
            )
        basis = next((pool.basis.value for pool in done[key].tariff.pools if pool.name == name), "advance")
        earlier = payday.postings_of(house, accounts, pool=fact.pool, label=label, until=fact.number - 1)
        source = Source(
            run=run,
            splits=done[key].splits,
            tariff=fact.tariff,
            basis=basis,
            run_id=run_id,
            earlier=journal.cumulate(earlier),
        )
        found.append((source, done[key]))
    return found


def recorded_runs(accounts: Accounts, label: str, currency: str) -> list[tuple[str, DistributionRun]]:
    """Return the last recorded run of each pool of the period in this currency, with a name for it."""
    last = [runs[-1] for (_, of), runs in sorted(accounts.runs.items()) if of == label]
    chosen = [fact for fact in last if fact.total_in.currency == currency]
    if not chosen:
        raise InputError(f"nothing was distributed for {label} in {currency}", "run `cantoria royalty distribute`")
    return [(f"{fact.pool}/{fact.label}/{fact.number}", fact) for fact in chosen]


def _credited(sources: list[tuple[Source, Payday]], party: str, currency: str) -> Money:
    fine = sum(amount for source, _ in sources for key, amount in source.run.totals.items() if key.holder == party)
    return Money(fine, Currency(currency))


def _titles(sources: list[tuple[Source, Payday]], party: str) -> dict[str, str]:
    titles = {}
    for source, done in sources:
        for key in source.run.totals:
            view = done.registry.recording(key.subject) if key.holder == party else None
            if view is not None:
                titles[key.subject] = view.title
    return titles


def _name(house: House, party: str, *, size: int) -> str:
    named = house.index.about([party], tags=[PartyNamed.TYPE.tag], size=size)
    return named[0].fact.name if named else ""
