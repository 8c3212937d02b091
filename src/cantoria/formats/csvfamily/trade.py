"""Read titles.csv, collections.csv and chains.csv."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cantoria.formats.csvfamily.cells import Cells, wrong
from cantoria.formats.csvfamily.desk import Desk, Page, derived_id
from cantoria.formats.csvfamily.rights import note_future
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import ClaimId, PartyId
from cantoria.registry.trade_facts import ChainAsserted, ChainKind, CollectionClaimed, TitleGiven, TitleKind
from cantoria.registry.types import Right, Role, Side

State = Callable[[Desk, Page, Cells, set[str]], Any]


def read_said(desk: Desk, page: Page, state: State) -> None:
    """Read a table whose rows each state one fact; the ids that its rows gave are told to the next."""
    used: set[str] = set()
    for cells in desk.rows(page):
        try:
            page.facts.append(state(desk, page, cells, used))
        except InputError as error:
            page.refuse(cells.record, error)
        else:
            page.registered += 1


def title(desk: Desk, page: Page, cells: Cells, used: set[str]) -> TitleGiven:
    """Return the fact of a row of titles.csv."""
    return TitleGiven(
        subject=desk.refer("subject", cells.needed("subject"), "work", "recording", "release"),
        title=cells.needed("title"),
        kind=cells.choice("kind", TitleKind, TitleKind.ALTERNATIVE),
        language=cells.text("language"),
        source=page.source(cells.record),
    )


def collection(desk: Desk, page: Page, cells: Cells, used: set[str]) -> CollectionClaimed:
    """Return the fact of a row of collections.csv."""
    subject = desk.refer("subject", cells.needed("subject"), "work")
    party = desk.refer("party", cells.needed("party"), "party")
    role, right = cells.choice("role", Role), cells.choice("right", Right)
    if role.side is not Side.WORK:
        raise wrong("role", role.value, "this role is on the recording side", "name the role in the work")
    cells.needed("share")
    share, territory, period = cells.share("share"), cells.territory(), cells.period()
    if share is None:
        raise wrong("share", "", "the cell is empty", "fill in share")
    note_future(desk, page, cells, period)
    about = ("collection", desk.context.sender, subject, party, role, right, territory)
    return CollectionClaimed(
        claim=ClaimId(_nth("claim", about, used)),
        subject=subject,
        party=PartyId(party),
        role=role,
        right=right,
        share=share,
        territory=territory,
        period=period,
        source=page.source(cells.record),
    )


def chain(desk: Desk, page: Page, cells: Cells, used: set[str]) -> ChainAsserted:
    """Return the fact of a row of chains.csv."""
    subject = desk.refer("subject", cells.needed("subject"), "work")
    named = cells.text("grantor")
    grantor = desk.refer("grantor", named, "party") if named else ""
    acquirer = desk.refer("acquirer", cells.needed("acquirer"), "party")
    kind, territory, period = cells.choice("kind", ChainKind, ChainKind.ORIGINAL), cells.territory(), cells.period()
    note_future(desk, page, cells, period)
    about = (desk.context.sender, subject, grantor, acquirer, kind, territory, str(period.start))
    return ChainAsserted(
        chain=_nth("chain", about, used),
        subject=subject,
        grantor=grantor,
        acquirer=PartyId(acquirer),
        kind=kind,
        territory=territory,
        period=period,
        agreement=cells.text("agreement"),
        source=page.source(cells.record),
    )


def _nth(prefix: str, about: tuple[str, ...], used: set[str]) -> str:
    """Return the id of what is said: the same when the same row is read again, another for a second one of its kind."""
    number = 0
    while (made := derived_id(prefix, *about, str(number))) in used:
        number += 1
    used.add(made)
    return made
