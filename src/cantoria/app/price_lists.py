"""Published prices: each stands beside a yes of the holder with that least price, so that who offers it is cleared at
once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cantoria.app import rights, saying
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.app.saying import Saying
from cantoria.clearance.rights import Rights
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import ANYONE, Conditions, LicenseeTerm, Scope, Verdict
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact, Recorded
from cantoria.kernel.ids import DelegationId, PartyId
from cantoria.kernel.money import Money
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.uses import Use
from cantoria.licensing.licence_facts import PriceLine, PriceListPublished
from cantoria.licensing.terms import Terms
from cantoria.mandates import Voice

TAG = PriceListPublished.TYPE.tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One price per thing, for whom, what, where and when."""

    uses: frozenset[Use]
    price: Money
    scope: Scope
    licensee: LicenseeTerm = ANYONE
    territory: str = territories.WORLD
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A list of prices to publish. `name` is that of a list of the holder's that it takes the place of."""

    holder: PartyId
    terms: Terms
    lines: tuple[Line, ...]
    speaker: PartyId | None = None
    delegation: DelegationId | None = None
    name: str = ""


def publish(house: House, sheet: Sheet, *, author: Author) -> list[Receipt]:
    """Record a list with the yes behind each price, and the end of those of the list that it replaces; return the
    receipts, the list's first."""
    return house.journal.record(sheet_facts(house, sheet, author=author), author=author)


def sheet_facts(house: House, sheet: Sheet, *, author: Author) -> list[Fact]:
    """Return what `publish` would record. Raises `InputError` where the yes would have no effect: unsigned, or behind
    an ask or a refusal of the same reach, which comes first (RULES section 2)."""
    if not sheet.lines:
        raise InputError("a price list without a price", "give at least one line")
    speaker = sheet.speaker or sheet.holder
    view = rights.load_said(house.index, parties=[sheet.holder], things=[], size=house.index.catch_up())
    ended = list(_ended(house, sheet.name, holder=sheet.holder, speaker=speaker)) if sheet.name else []
    gone = {fact.statement for fact in ended}
    yeses = []
    for line in sheet.lines:
        _check(line, sheet.holder, view, gone)
        yeses.append(saying.statement_of(house, _saying(line, sheet, speaker)))
    if yeses[0].signature is None and speaker != author.party:
        raise InputError(
            f"a published price is a yes of {speaker}, and their key is not kept here",
            "let them publish it, or publish it through the organisation that keeps their account",
        )
    listed = PriceListPublished(
        price_list=sheet.name or house.ids.new("price_list"),
        holder=sheet.holder,
        speaker=speaker,
        terms=sheet.terms.digest,
        lines=tuple(_line(line, yes) for line, yes in zip(sheet.lines, yeses, strict=True)),
        delegation=sheet.delegation,
    )
    return [saying.sign(house, listed, speaker=speaker), *ended, *yeses]


def _saying(line: Line, sheet: Sheet, speaker: PartyId) -> Saying:
    return Saying(
        party=sheet.holder,
        speaker=speaker,
        verdict=Verdict.YES,
        uses=line.uses,
        scope=line.scope,
        licensee=line.licensee,
        territory=line.territory,
        period=line.period,
        conditions=Conditions(min_price=line.price, attribution=sheet.terms.attribution, label=sheet.terms.label),
        delegation=sheet.delegation,
    )


def _line(line: Line, yes: StatementMade) -> PriceLine:
    return PriceLine(
        statement=yes.statement,
        uses=line.uses,
        scope=line.scope,
        price=line.price,
        licensee=line.licensee,
        territory=yes.territory,
        period=line.period,
    )


def _check(line: Line, holder: PartyId, view: Rights, gone: Iterable[str]) -> None:
    if line.price.fine < 0:
        raise InputError("a price below zero", "publish nothing, or an amount")
    for said in view.standings.by_voice(Voice(holder, holder)):
        same = said.scope == line.scope and said.licensee == line.licensee and said.uses & line.uses
        if same and said.verdict is not Verdict.YES and said.statement not in gone:
            raise InputError(
                f"{said.statement} says {said.verdict.value} with the same reach, and comes before any yes",
                "take it back first with `cantoria consent withdraw`",
            )


def end(house: House, name: str, *, author: Author) -> list[Receipt]:
    """End every yes behind a list and return the receipts: from now on it settles nothing."""
    house.index.catch_up()
    said = _of(house, name)
    facts = list(_ended(house, name, holder=said.fact.holder, speaker=said.fact.speaker))
    if not facts:
        raise InputError(f"{name} has ended", "publish another list")
    return house.journal.record(facts, author=author)


def _ended(house: House, name: str, *, holder: str, speaker: str) -> Iterator[StatementWithdrawn]:
    """Give the end of every yes of a list that has none yet."""
    if _of(house, name).fact.holder != holder:
        raise InputError(f"{name} is not a list of this holder", "publish one without a name")
    every = [line.statement for said in house.index.about([name], tags=[TAG]) for line in said.fact.lines]
    taken = house.index.about(every, tags=[StatementWithdrawn.TYPE.tag])
    over = {said.fact.statement for said in taken}
    now = house.clock.now()
    for statement in sorted(set(every) - over):
        yield saying.sign(house, StatementWithdrawn(statement=statement, at=now), speaker=speaker)


def _of(house: House, name: str) -> Recorded[PriceListPublished]:
    found = [said for said in house.index.about([name], tags=[TAG]) if said.fact.price_list == name]
    if not found:
        raise InputError(f"no price list {name}", "list them with `cantoria licence price-list show`")
    return found[-1]


@dataclass(frozen=True, slots=True)
class Listed:
    """A price on record: its list, its line, and why its yes has no effect, empty where it has; `ended` is the moment
    from which on it has none."""

    said: Recorded[PriceListPublished]
    line: PriceLine
    without_effect: str
    ended: int | None


def listed(house: House, *, holder: str = "") -> Sequence[Listed]:
    """Return every published price, or those of one holder, in ledger order, with what became of the yes behind it."""
    size = house.index.catch_up()
    standings = house.rights.load(size=size).standings
    why = {one.statement: one.reason for one in standings.without_effect}
    ends = {one.statement: one.period.end for one in standings.effective if one.verdict is Verdict.YES}
    found = []
    for said in house.index.scan(tags=[TAG], size=size):
        for line in said.fact.lines if holder in ("", said.fact.holder) else ():
            missing = "" if line.statement in ends else why.get(line.statement, "statement_unknown")
            found.append(Listed(said, line, missing, ends.get(line.statement)))
    return found
