"""Pay out: what closed periods brought a party, less what was paid, in whole minor units; the fraction is carried."""

from __future__ import annotations

from cantoria.app import payday
from cantoria.app.house import House
from cantoria.app.ports import Author
from cantoria.kernel.errors import UnavailableError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.royalty import journal
from cantoria.royalty.accounts import Accounts
from cantoria.royalty.balances import payout
from cantoria.royalty.facts import PaidOut, StatementIssued
from cantoria.royalty.types import State


def pay(house: House, *, currency: str, author: Author, dry_run: bool = False) -> tuple[PaidOut, ...]:
    """Record the payment of every party's balance from the closed periods of the pools that the author distributes.

    A payment's id is the next number of its payer, party and currency, so two payers at once cannot both record it:
    the second is an `UnavailableError`, and nothing of it is to be paid. Paying again without news pays nothing.
    """
    size = house.index.catch_up()
    accounts = payday.load_accounts(house, size=size)
    facts = []
    for party, credited in sorted(closed_credits(house, accounts, currency=currency, runner=author.party).items()):
        due = payout(credited - accounts.paid(party, currency, payer=author.party))
        if due.minor:
            number = 1 + sum(
                recorded.organisation == author.party
                and (recorded.fact.party, recorded.fact.amount.currency) == (party, currency)
                for recorded in accounts.payments.values()
            )
            facts.append(
                PaidOut(
                    payment=f"{author.party}/{party}/{currency}/{number}",
                    party=PartyId(party),
                    amount=Money.minor(due.minor, currency),
                    carry=Money(due.carry, currency),
                    statement=_last_statement(house, party, currency),
                )
            )
    if not dry_run:
        _record(house, facts, author)
    return tuple(facts)


def closed_credits(
    house: House, accounts: Accounts, *, currency: str, runner: str | None = None, without: str | None = None
) -> dict[str, int]:
    """Return what each party was credited by closed periods, in fine units, those of the label `without` left out."""
    found: dict[str, int] = {}
    for (pool, label), runs in sorted(accounts.runs.items()):
        last = runs[-1]
        if last.total_in.currency != currency or last.state is not State.CLOSED or label == without:
            continue
        if runner is not None and accounts.runners[pool] != runner:
            continue
        posted = journal.cumulate(payday.postings_of(house, accounts, pool=pool, label=label))
        for holder, fine in journal.by_holder(posted).items():
            if holder.startswith("party_"):
                found[holder] = found.get(holder, 0) + fine
    return found


def _record(house: House, facts: list[PaidOut], author: Author) -> None:
    receipts = house.journal.record(facts, author=author)
    payments = payday.load_accounts(house, size=house.index.catch_up()).payments
    for receipt, fact in zip(receipts, facts, strict=True):
        if payments[fact.payment].index != receipt.index:
            raise UnavailableError(
                f"payment {fact.payment} was recorded by another process meanwhile", "pay nothing of this; run it again"
            )


def _last_statement(house: House, party: str, currency: str) -> str:
    issued = house.index.about([party], tags=[StatementIssued.TYPE.tag])
    digests = [one.fact.digest for one in issued if one.fact.party == party and one.fact.amount.currency == currency]
    return digests[-1] if digests else ""
