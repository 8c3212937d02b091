"""A party's statement: seen, downloaded, computed once more."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from pydantic import Field

from cantoria.app.access.permissions import Permission
from cantoria.app.pages import money_statement
from cantoria.app.pages.money_statement import FORMS, Found, Which
from cantoria.app.pages.money_tally import accounts_at
from cantoria.bootstrap.house import WiredHouse
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.web.portal.money.pages import area
from cantoria.web.portal.money.workshop import Made, small, workshop_of
from cantoria.web.portal.page import Ask, File, FormModel, NotHere, NotYours, PageQuery, Value

CURRENCY: Final = "^([A-Z]{3})?$"


class StatementQuery(PageQuery):
    """Which currency, and from which subject on lines are shown."""

    currency: str = Field("", pattern=CURRENCY, description="an ISO 4217 code; the first there is when absent")
    start: int = Field(0, ge=0, le=1_000_000, description="how many subjects to leave out, the largest first")


class FileQuery(StatementQuery):
    """Which file."""

    form: Literal["json", "csv", "html"] = Field("json", description="json (with its proof), csv or html")


class Recompute(FormModel):
    """Which statement to compute once more."""

    currency: str = Field("", pattern=CURRENCY)


@area.page(
    "/earnings/{party}/{label}",
    template="money/statement.html",
    summary="A party's statement: every amount opens to its rule, inputs, shares and rounding",
    query=StatementQuery,
    needs=Permission.READ_EARNINGS,
)
def statement(ask: Ask, party: str, label: str) -> Value:
    """Return the statement as recorded, or as it would be issued; `ready` is false while that is being computed."""
    which = _which(ask, party, label, ask.query.currency)
    found = _statement(ask, which)
    if found is None:
        return {"ready": False, "party": party, "label": label, "currency": which.currency}
    return {"ready": True, **money_statement.page(ask.house, found, size=ask.size, start=ask.query.start)}


@area.page(
    "/earnings/{party}/{label}/file",
    template="money/statement.html",
    summary="A party's statement as a file: JSON with the ledger's proof, CSV or HTML",
    query=FileQuery,
    needs=Permission.READ_EARNINGS,
    files=tuple(FORMS.values()),
)
def file(ask: Ask, party: str, label: str) -> File:
    """Return the file."""
    which = _which(ask, party, label, ask.query.currency)
    found = _statement(ask, which)
    if found is None:
        raise NotHere("this statement is being computed", "come back in a minute")
    form = ask.query.form
    name = re.sub(r"[^A-Za-z0-9_-]", "_", f"statement-{label}-{party}-{which.currency}")
    return File(data=money_statement.file(ask.house, found, form), media_type=FORMS[form], name=f"{name}.{form}")


@area.form(
    "/earnings/{party}/{label}/recompute",
    model=Recompute,
    template="money/recomputed.html",
    summary="Compute a party's statement from the ledger once more and compare it to the byte",
    needs=Permission.READ_EARNINGS,
    writes=False,
)
def recompute(ask: Ask, form: Recompute, party: str, label: str) -> Value:
    """Return how the statement, computed from the ledger, compares to the one that is shown."""
    which = _which(ask, party, label, form.currency)
    kept = _statement(ask, which)
    said: Value = {"party": party, "label": label, "currency": which.currency, "ready": False}
    if kept is None:
        return said
    size = which.size if kept.issued is None else kept.issued.index
    again = Which(party=party, label=label, currency=which.currency, size=size)
    made = _made(ask, ("recomputed", again), lambda house: _again(house, kept, again), size=size, afresh=True)
    if made.value is None:
        return said
    entry = None if kept.issued is None else kept.issued.index
    return {**said, "ready": True, "recorded": entry, "size": size, **made.value}


def _again(house: WiredHouse, kept: Found, which: Which) -> Value:
    try:
        found = money_statement.computed(house, which)
    except IntegrityError as error:
        return {"equal": False, "refused": error.message, "differences": []}
    return {"refused": "", **money_statement.compared(kept, found.statement)}


def _statement(ask: Ask, which: Which) -> Found | None:
    """Return the statement; None while it is being computed."""
    found = money_statement.recorded(ask.house, which)
    if found is not None:
        return found
    if not money_statement.distributed_by(ask.house, which):
        raise NotHere("nothing was distributed for this period in this currency", "look at your earnings")
    made = _made(ask, ("statement", which), lambda house: _computed(house, which), size=which.size)
    if made.value is None:
        return None
    if isinstance(made.value, str):
        raise NotHere(made.value, "look at your earnings")
    result: Found = made.value
    return result


def _computed(house: WiredHouse, which: Which) -> Found | str:
    try:
        return money_statement.computed(house, which)
    except InputError as error:
        return error.message


def _made(ask: Ask, key: tuple[str, Which], work: Any, *, size: int, afresh: bool = False) -> Made:
    """Return what `work` makes: at once in a small house, and `afresh` there even if it was made before."""
    if afresh and small(ask.house):
        return Made(work(ask.house), size)
    return workshop_of(ask.portal).get(key, work, stamp=size, here=ask.house if small(ask.house) else None)


def _which(ask: Ask, party: str, label: str, currency: str) -> Which:
    """Return which statement is asked for, once it is sure that the visitor may see it."""
    visitor = ask.visitor
    own = bool(party) and party in (visitor.party, *visitor.persons)
    chosen = currency or _currency(ask, label)
    which = Which(party=party, label=label, currency=chosen, size=ask.size)
    if own or (visitor.party and money_statement.distributed_by(ask.house, which) == {visitor.party}):
        return which
    raise NotYours


def _currency(ask: Ask, label: str) -> str:
    """Return the first currency in which something was distributed for a period."""
    runs = accounts_at(ask.house, ask.size).runs
    return min((last[-1].total_in.currency for (_, of), last in runs.items() if of == label), default="EUR")
