"""`cantoria licence show` and `list`: how far requests have come, and what became of each licence."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Final

import typer

from cantoria.app import licence_asking, licences
from cantoria.app.licences import Shelf
from cantoria.bootstrap.house import WiredHouse
from cantoria.bootstrap.naming import find_party
from cantoria.cli.console import STATUS_MARK, STATUS_STYLE, bars, emit, lines, table
from cantoria.cli.licence_words import licence_value, money_word, offer_value, price_word, scope_word
from cantoria.cli.state import house
from cantoria.kernel.money import Money
from cantoria.licensing.licence_views import Licence, LicenceState

STATE_STYLE: Final = {
    "concluded": "green",
    "open": "yellow",
    "countered": "yellow",
    "declined": "red",
    "expired": "magenta",
    "withdrawn": "magenta",
}


def summary_value(opened: WiredHouse, shelf: Shelf, name: str) -> dict[str, Any]:
    """Return what a request has come to by now: its licences by state, the money agreed, and its rows by status."""
    now = opened.clock.now()
    mine = shelf.licences.of(name)
    agreed: Counter[str] = Counter()
    for one in mine:
        total = one.offer.total
        if one.state(now) is LicenceState.CONCLUDED and total is not None:
            agreed[total.currency] += total.fine
    counts = licence_asking.status_now(opened, shelf, name)
    return {
        "licences": dict(Counter(one.state(now).value for one in mine)),
        "agreed": [money_word(Money(fine, currency)) for currency, fine in sorted(agreed.items())],
        "status": {one.status.value: one.rows for one in counts},
    }


def draw_summary(value: dict[str, Any]) -> None:
    """Draw what a request has come to: licences by state, rows by status, money agreed."""
    by_state = [
        (state.value, value["licences"].get(state.value, 0), STATE_STYLE[state.value]) for state in LicenceState
    ]
    bars("licences by state", [one for one in by_state if one[1]])
    marks = [(f"{STATUS_MARK[name]} {name}", rows, STATUS_STYLE[name]) for name, rows in value["status"].items()]
    bars("its rows now", marks)
    if value["agreed"]:
        typer.echo("agreed so far: " + ", ".join(value["agreed"]))


def show(name: Annotated[str, typer.Argument(help="The id of a licence or of a request.")]) -> None:
    """Show a licence with its offer, answers and things; or how far a request has come, and what share is cleared now.

    Example: cantoria licence show request_01h2xcejqtf2nbrexx3vqjhp41
    """
    with house() as opened:
        shelf = licences.load(opened, about=[name])
        found = shelf.of(name)
        if name.startswith("request_"):
            value = {"request": name, **summary_value(opened, shelf, name)}
            emit(value, text=lambda: draw_summary(value))
            return
        _show_one(opened, shelf, found[0])


def _show_one(opened: WiredHouse, shelf: Shelf, licence: Licence) -> None:
    now = opened.clock.now()
    unheard = [
        {"index": said.index, "type": said.fact.TYPE.name, "why": why.value}
        for said, why in shelf.licences.without_effect()
        if licence.offer.licence in said.fact.subjects()
    ]
    value = {
        **licence_value(opened, licence, at=now),
        **offer_value(opened, licence.offer),
        "answers": [
            {"voice": voice, "stance": said.fact.stance.value, "note": said.fact.note, "index": said.index}
            for voice, said in licence.answers
        ],
        "without_effect": unheard,
    }

    def text() -> None:
        offered, name, total = licence.offer, opened.index.name_of, value["total"] or "nothing"
        told = [
            f"{offered.licence} is {value['state']}: {price_word(offered.price)}, {total} in all",
            f"{name(offered.licensee)} asks {value['holder_name']} for {offered.use.value} in {offered.territory} "
            f"from {value['from']} until {value['until'] or 'further notice'}, under {value['terms']['name']}, "
            f"model version {offered.model_version or 'any'}",
        ]
        told += [f"  {name(one['voice'])}: {one['stance']} {one['note']}".rstrip() for one in value["answers"]]
        told += [f"  {name(voice)}: waited for until {value['expires_at']}" for voice in value["waiting"]]
        told += [f"  for {scope_word(opened, scope)}" for scope in offered.scopes[:20]]
        told += [f"  without effect: {one['type']} at {one['index']}, {one['why']}" for one in unheard]
        lines(told)

    emit(value, text=text)


def list_all(
    party: Annotated[str, typer.Option("--for", help="Only those of this licensee or holder.")] = "",
    state: Annotated[LicenceState | None, typer.Option("--state", help="Only those in this state.")] = None,
) -> None:
    """List all licences with their states.

    Example: cantoria licence list --for sonara --state concluded
    """
    with house() as opened:
        now = opened.clock.now()
        whose = find_party(opened, party) if party else ""
        found = [
            one
            for one in licences.load(opened).licences.all()
            if whose in ("", one.offer.licensee, one.offer.holder) and state in (None, one.state(now))
        ]
        value = [licence_value(opened, one, at=now) for one in found]
        rows = [
            (one["licence"], one["state"], one["holder_name"], one["things"], one["total"], one["expires_at"])
            for one in value
        ]
        columns = ("licence", "state", "holder", "things", "total", "expires")
        emit(value, text=lambda: table(f"Licences: {len(rows):,}", columns, rows, right=(3, 4)))
