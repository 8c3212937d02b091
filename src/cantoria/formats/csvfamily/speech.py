"""Tables of what is said: delegations and statements. Signatures are added by whoever records the facts."""

from __future__ import annotations

from enum import Enum

from cantoria.consent.facts import StatementMade
from cantoria.consent.types import (
    ANYONE,
    Conditions,
    LicenseeKind,
    LicenseeTerm,
    Scope,
    ScopeKind,
    Verdict,
)
from cantoria.formats.csvfamily.cells import Cells, wrong
from cantoria.formats.csvfamily.desk import Desk, Page
from cantoria.formats.csvfamily.rights import note_future
from cantoria.kernel.errors import InputError
from cantoria.kernel.ids import DelegationId, PartyId, StatementId
from cantoria.mandates.facts import DelegationGranted
from cantoria.mandates.types import MandateKind
from cantoria.registry.types import Relation

_CONDITIONS = ("model_version", "min_price", "attribution", "label", "campaign", "other")


class _ScopeName(Enum):
    """Scopes by the names that stand in a cell."""

    PERSONA = "persona"
    RECORDING = "recording"
    WORK = "work"
    RELEASE = "release"
    CATALOGUE = "catalogue"
    PRESENT_WORKS = "present_works"
    FUTURE_WORKS = "future_works"


_OF_ONE = frozenset({ScopeKind.RECORDING, ScopeKind.WORK, ScopeKind.RELEASE, ScopeKind.CATALOGUE})


def read_delegations(desk: Desk, page: Page) -> None:
    """Read delegations.csv."""
    for cells in desk.rows(page, key="delegation"):
        try:
            fact, fresh = _delegation(desk, cells)
        except InputError as error:
            page.refuse(cells.record, error)
            continue
        note_future(desk, page, cells, fact.period)
        page.facts.append(fact)
        if fresh:
            own = desk.own(cells.key("delegation"))
            page.facts.append(desk.link(own, Relation.IDENTIFIES, fact.delegation, source=page.source(cells.record)))
        page.registered += 1


def _delegation(desk: Desk, cells: Cells) -> tuple[DelegationGranted, bool]:
    parent = cells.text("parent")
    principal = desk.refer("principal", cells.needed("principal"), "party")
    delegate = desk.refer("delegate", cells.needed("delegate"), "party")
    if principal == delegate:
        raise wrong("delegate", cells.text("delegate"), "a party needs no mandate from itself", "name another delegate")
    kinds = ("work", "recording", "release", "catalogue")
    scope = tuple(desk.refer("scope", text, *kinds) for text in cells.listed("scope"))
    upper = desk.refer("parent", parent, "delegation") if parent else None
    uses = cells.uses("uses", families=True)
    kind = cells.choice("kind", MandateKind)
    territory, period = cells.territory(), cells.period()
    subdelegate = cells.flag("may_subdelegate", default=False)
    survive = cells.flag("statements_survive", default=False)
    delegation, fresh = desk.name("delegation", cells.key("delegation"))
    fact = DelegationGranted(
        delegation=DelegationId(delegation),
        principal=PartyId(principal),
        delegate=PartyId(delegate),
        kind=kind,
        uses=uses,
        scope=scope,
        territory=territory,
        period=period,
        may_subdelegate=subdelegate,
        statements_survive=survive,
        parent=DelegationId(upper) if upper else None,
    )
    return fact, fresh


def read_statements(desk: Desk, page: Page) -> None:
    """Read statements.csv."""
    for cells in desk.rows(page):
        try:
            fact = _statement(desk, cells)
        except InputError as error:
            page.refuse(cells.record, error)
            continue
        note_future(desk, page, cells, fact.period)
        page.facts.append(fact)
        page.registered += 1


def _statement(desk: Desk, cells: Cells) -> StatementMade:
    verdict = cells.choice("says", Verdict)
    party = desk.refer("party", cells.needed("party"), "party")
    speaker = cells.text("speaker")
    mandate = cells.text("delegation")
    return StatementMade(
        statement=StatementId(desk.context.new_id("statement")),
        party=PartyId(party),
        speaker=PartyId(desk.refer("speaker", speaker, "party") if speaker else party),
        verdict=verdict,
        uses=cells.uses("uses", families=verdict is not Verdict.YES),
        scope=_scope(desk, cells),
        licensee=_licensee(desk, cells),
        territory=cells.territory(),
        period=cells.period(),
        conditions=_conditions(cells, verdict),
        delegation=DelegationId(desk.refer("delegation", mandate, "delegation")) if mandate else None,
    )


def _scope(desk: Desk, cells: Cells) -> Scope:
    kind = ScopeKind[cells.choice("scope", _ScopeName).name]
    if kind not in _OF_ONE:
        if cells.text("scope_of"):
            raise wrong("scope_of", cells.text("scope_of"), "this scope is the whole person's", "leave scope_of empty")
        return Scope(kind)
    return Scope(kind, desk.refer("scope_of", cells.needed("scope_of"), kind.name.lower()))


def _licensee(desk: Desk, cells: Cells) -> LicenseeTerm:
    named, group = cells.text("licensee"), cells.text("licensee_class")
    if named and group:
        raise wrong("licensee_class", group, "the row names a licensee too", "name a licensee or a class, not both")
    if named:
        return LicenseeTerm(LicenseeKind.NAMED, desk.refer("licensee", named, "party"))
    return LicenseeTerm(LicenseeKind.CLASS, group) if group else ANYONE


def _conditions(cells: Cells, verdict: Verdict) -> Conditions:
    given = [name for name in _CONDITIONS if cells.text(name)]
    if given and verdict is not Verdict.YES:
        raise wrong(given[0], cells.text(given[0]), "only a yes has conditions", "leave the cell empty, or say yes")
    return Conditions(
        model_version=cells.text("model_version") or None,
        min_price=cells.money("min_price"),
        attribution=cells.flag("attribution", default=False),
        label=cells.flag("label", default=False),
        campaign=cells.text("campaign") or None,
        other=cells.listed("other"),
    )
