"""Ask for the rows of a dataset in bulk: a job that works out whom to ask and what it comes to, and one that asks.

Both make the same request of the same rows: its id follows from the job that planned it, so that nobody is asked twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cantoria.app import licence_asking, terms_known
from cantoria.app.house import House
from cantoria.app.jobs.task import Task
from cantoria.app.licence_asking import Plan, Wish
from cantoria.app.pages.developer_clearing import issued
from cantoria.app.pages.developer_types import ASK_ROWS_MAX, Bulk, DatasetDesk, bulk_of
from cantoria.clearance.types import Row
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import DAY, Period
from cantoria.licensing.asking import Group
from cantoria.licensing.offers import Basis, Price, RequestId, request_id


def plan(task: Task) -> Mapping[str, Any]:
    """Return what asking for the chosen rows would come to; nothing is recorded."""
    wish = _wish(task, key=task.job.job)
    task.step(0, len(wish.rows), "deciding")
    return plan_value(licence_asking.plan(task.house, wish), wish)


def send(task: Task) -> Mapping[str, Any]:
    """Ask everybody whom the plan named, each once; return how many licences were settled at once and how many wait."""
    wish = _wish(task, key=task.text("plan"))
    task.step(0, len(wish.rows), "deciding")
    asked = licence_asking.request(
        task.house,
        wish,
        author=task.author,
        step=lambda done, of: task.step(done, of, "asking"),
        writing=task.writing,
    )
    value = plan_value(asked.plan, wish)
    return {**value, "settled": asked.settled, "waiting": asked.waiting, "asked_before": asked.plan.asked_before}


def request_of(plan_job: str, *, licensee: str) -> RequestId:
    """Return the id of the request that a plan leads to."""
    return request_id(plan_job, licensee=licensee)


def chosen_rows(house: House, desk: DatasetDesk, bulk: Bulk, *, results: str) -> list[Row]:
    """Return the rows of a dataset that are meant. Raises `InputError` for none, or for too many."""
    kept = house.datasets.get(bulk.certificate)
    if kept is None:
        raise InputError(f"the rows of {bulk.certificate} are not kept here", "clear the dataset again")
    wanted = set(desk.lines(house, results, bulk.chosen, limit=ASK_ROWS_MAX + 1))
    if len(wanted) > ASK_ROWS_MAX:
        raise InputError(f"more than {ASK_ROWS_MAX:,} rows", "choose fewer: by reason, or by a text")
    if not wanted:
        raise InputError("no row of the dataset is like that", "choose others")
    return [row for row in kept.rows if row.line in wanted]


def _wish(task: Task, *, key: str) -> Wish:
    house, bulk = task.house, bulk_of(task.job.parameters)
    desk: DatasetDesk = task.parts["datasets"]
    said = issued(house, bulk.certificate)
    if said is None:
        raise InputError(f"no certificate {bulk.certificate}", "clear the dataset again")
    rows = chosen_rows(house, desk, bulk, results=task.text("results"))
    return wish_of(house, bulk, rows, key=key, licensee=task.author.party)


def wish_of(house: House, bulk: Bulk, rows: Sequence[Row], *, key: str, licensee: PartyId) -> Wish:
    """Return what is asked, as of now. Raises `InputError` where the certificate is somebody else's."""
    said = issued(house, bulk.certificate)
    if said is None or said.fact.request.licensee != licensee:
        raise InputError(f"{bulk.certificate} was issued to somebody else", "ask as the licensee that it names")
    now, request = house.clock.now(), said.fact.request
    version = bulk.model_version or request.model_version
    price = None if bulk.price is None else Price(bulk.price, Basis.LUMP_SUM if bulk.lump else Basis.PER_ROW)
    return Wish(
        key=key,
        rows=tuple(rows),
        request=replace(request, model_version=version, offer=None, at=now),
        terms=terms_known.named(house, bulk.terms),
        period=Period(now, bulk.until),
        expires_at=now + bulk.expires_days * DAY,
        price=price,
        model=bulk.model,
        basis=bulk.certificate,
    )


def plan_value(planned: Plan, wish: Wish) -> dict[str, Any]:
    """Return a plan as JSON: rows by what becomes of them, holders, licences, and the money by currency."""
    asking, groups = planned.asking, planned.groups
    return {
        "request": planned.request,
        "rows": asking.rows,
        "cleared": asking.cleared,
        "askable": asking.askable,
        "out_of_reach": {code.name.lower(): rows for code, rows in sorted(asking.hopeless.items())},
        "holders": len({group.holder for group in groups}),
        "licences": len(groups),
        "at_once": sum(bool(group.statements) for group in groups),
        "asked_before": planned.asked_before,
        "least": _money(groups, None),
        "most": _money(groups, wish.price),
    }


def _money(groups: Sequence[Group], price: Price | None) -> list[dict[str, str]]:
    """Return what published prices come to, and with `price` what all other offers would."""
    total: Counter[str] = Counter()
    for group in groups:
        offered = Price(group.price) if group.price is not None else price
        if offered is not None:
            money = offered.total(len(group.scopes))
            total[money.currency] += money.fine
    return [money_value(Money(fine, currency)) for currency, fine in sorted(total.items())]


def money_value(money: Money) -> dict[str, str]:
    """Return an exact amount as JSON."""
    return {"amount": money.format(), "currency": money.currency}
