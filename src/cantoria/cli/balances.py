"""`cantoria royalty balances`, `age` and `pay`: what waits and since when, what passes on, what is paid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cantoria.app import paying, waiting
from cantoria.app.waiting import Balance
from cantoria.cli.console import emit, table
from cantoria.cli.state import author, house
from cantoria.kernel.money import Money
from cantoria.kernel.periods import format_moment

DRY = Annotated[bool, typer.Option("--dry-run", help="Compute and show, but record nothing.")]


def balances(
    currency: Annotated[str, typer.Option(help="The currency.")] = "EUR",
) -> None:
    """List what waits: unmatched, disputed, incomplete and unattributed money, residues and the joint fund.

    By period: since when it waits and for how many days, after how many it passes to whom; `--json` by pool, too.

    Example: cantoria royalty balances
    """
    with house() as opened:
        rows = waiting.named(opened, currency=currency)
        emit([_balance(one) for one in rows], text=lambda: show_balances(rows, currency=currency))


def age(
    currency: Annotated[str, typer.Option(help="The currency.")] = "EUR",
    dry_run: DRY = False,
) -> None:
    """Pass unmatched and incomplete money that waited longer than its tariff allows to the tariff's heir.

    It moves with the next `royalty distribute` of its period; disputed money waits until it is decided.

    Example: cantoria --as authors royalty age --dry-run
    """
    with house() as opened:
        aged = waiting.age(opened, currency=currency, author=author(opened), dry_run=dry_run)
        columns = ("pool", "period", "subject", "waited in", "passes to", "amount")
        rows = [(one.pool, one.label, one.subject, one.holder, one.heir, one.amount.format()) for one in aged]
        value = {
            "recorded": not dry_run,
            "aged": [
                dict(zip(("pool", "period", "subject", "holder", "heir", "amount"), row, strict=True)) for row in rows
            ],
        }
        emit(value, text=lambda: table(f"Waited too long ({currency})", columns, rows, right=(5,)))


def pay(
    currency: Annotated[str, typer.Option(help="The currency.")] = "EUR",
    dry_run: DRY = False,
) -> None:
    """Record the payment of what closed periods brought, less what was paid: whole minor units, the rest is carried.

    A period closes with `royalty revenue --final` and a distribution after it. Run it again and nothing is paid.

    Example: cantoria --as authors royalty pay --dry-run
    """
    with house() as opened:
        paid = paying.pay(opened, currency=currency, author=author(opened), dry_run=dry_run)
        rows = [(one.party, one.amount.format(), one.carry.format()) for one in paid]
        value = {
            "recorded": not dry_run,
            "paid": [{"party": party, "amount": amount, "carry": carry} for party, amount, carry in rows],
        }
        emit(value, text=lambda: table(f"Paid out ({currency})", ("party", "amount", "carried"), rows, right=(1, 2)))


def show_balances(rows: Sequence[Balance], *, currency: str) -> None:
    """Draw the named balances by period with their age, the pools added up (`--json` tells them apart)."""
    columns = ("balance", "period", "amount", "since", "days", "then")
    sums: dict[tuple[str, ...], int] = {}
    for one in rows:
        name = "residues" if one.holder.startswith("residue:") else one.holder
        line = (name, one.label, format_moment(one.since), str(one.days), _then(one))
        sums[line] = sums.get(line, 0) + one.amount.fine
    lines = [
        (name, label, Money(fine, currency).format(), since, days, then)
        for (name, label, since, days, then), fine in sorted(sums.items(), key=lambda item: (item[0][2], item[0]))
    ]
    table(f"Named balances ({currency})", columns, lines, right=(2, 4))


def _then(one: Balance) -> str:
    if not one.limit_days:
        return ""
    return f"{one.heir}, {'overdue' if one.overdue else f'after {one.limit_days} days'}"


def _balance(one: Balance) -> dict[str, Any]:
    return {
        "holder": one.holder,
        "pool": one.pool,
        "period": one.label,
        "fine": str(one.amount.fine),
        "amount": one.amount.format(),
        "since": format_moment(one.since),
        "days": one.days,
        "limit_days": one.limit_days,
        "heir": one.heir,
        "overdue": one.overdue,
        "subjects": one.subjects,
    }
