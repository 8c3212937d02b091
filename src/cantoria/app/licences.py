"""Licences as they stand, for whom they wait, and their end by the licensee (spec/licensing.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app import rights, saying
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.clearance.rights import Rights
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import ScopeKind
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import StatementId
from cantoria.licensing.inbox import Waiting, inbox, order_of
from cantoria.licensing.licence_facts import (
    LicenceAnswered,
    LicenceConcluded,
    LicenceRequested,
    LicenceWithdrawn,
    Stance,
)
from cantoria.licensing.licence_reasons import LINES, Unheard
from cantoria.licensing.licence_views import Licence, LicenceState
from cantoria.licensing.licences import Licences
from cantoria.mandates.facts import DelegationGranted, GuardianAppointed

LICENCE_TAGS: Final = frozenset(
    cls.TYPE.tag for cls in (LicenceRequested, LicenceAnswered, LicenceWithdrawn, LicenceConcluded)
)
AROUND_MAX: Final = 100  # things of licences read by their neighbourhood; for more, all rights are loaded
OFFICE_TAGS: Final = frozenset({DelegationGranted.TYPE.tag, GuardianAppointed.TYPE.tag})
YES_TAGS: Final = frozenset({StatementMade.TYPE.tag, StatementWithdrawn.TYPE.tag})


@dataclass(frozen=True, slots=True)
class Shelf:
    """All licences as of one ledger size, with the rights that they were read by."""

    licences: Licences
    rights: Rights
    size: int

    def of(self, name: str) -> tuple[Licence, ...]:
        """Return the licences of this id, or of the request of this id; none is an `InputError`."""
        found = self.licences.of(name)
        if not found:
            raise InputError(f"no licence or request {name}", "list them with `cantoria licence list`")
        return found

    def waiting_for(
        self, party: str, *, at: int, among: Iterable[Licence] | None = None, again: bool = False
    ) -> tuple[Waiting, ...]:
        """Return what waits for an answer that `party` can give, by deadline, then by money; with `again` also what it
        has countered and may still accept or decline."""
        mandates = self.rights.mandates
        found: list[Waiting] = []
        for licence in self.licences.all() if among is None else among:
            found += inbox(licence, party, mandates=mandates, at=at, index=self.size, again=again)
        return tuple(sorted(found, key=order_of))


def load(house: House, *, about: Iterable[str] | None = None) -> Shelf:
    """Return all licences as of now, or those of these licences and requests alone: it reads no more than they need."""
    size = house.index.catch_up()
    if about is None:
        facts: list[Any] = list(house.index.scan(tags=LICENCE_TAGS, size=size))
    else:
        asked = house.index.about(sorted(about), tags=[LicenceRequested.TYPE.tag], size=size)
        names = sorted({said.fact.offer.licence for said in asked})
        facts = house.index.about(names, tags=LICENCE_TAGS, size=size)
    named = {name for said in facts for name in statements_of(said.fact)}
    facts += house.index.about(sorted(named), tags=YES_TAGS, size=size)
    known = _rights(house, facts, size, every=about is None)
    return Shelf(Licences.fold(facts, registry=known.registry, mandates=known.mandates), known, size)


def load_for(house: House, party: str, *, among: Iterable[str] | None = None) -> Shelf:
    """Return the licences that a party may have to answer: its own, and those of whom it can speak for; of these
    licences and requests alone where they are given."""
    size = house.index.catch_up()
    offices = house.index.about([party], tags=OFFICE_TAGS, size=size)
    spoken_for = {name for said in offices for name in said.fact.subjects() if name.startswith("party_")}
    asked = house.index.about(sorted({party, *spoken_for}), tags=[LicenceRequested.TYPE.tag], size=size)
    wanted = None if among is None else set(among)
    facts = [said.fact for said in asked]
    mine = {
        fact.offer.licence for fact in facts if wanted is None or fact.offer.licence in wanted or fact.request in wanted
    }
    return load(house, about=mine)


def _rights(house: House, facts: Iterable[Any], size: int, *, every: bool) -> Rights:
    """Return the rights that licences are read by: what their holders say about their things, where those are few."""
    requests = [said.fact for said in facts if isinstance(said.fact, LicenceRequested)]
    scopes = {scope for fact in requests for scope in fact.offer.scopes}
    things = {scope.id for scope in scopes if scope.id}
    # A yes to a work reaches into every recording of it, and what was refused of those.
    if every or len(things) > AROUND_MAX or any(scope.kind is ScopeKind.WORK for scope in scopes):
        return house.rights.load(size=size, codes=things)
    parties = {name for fact in requests for name in (fact.offer.holder, *fact.voices)}
    signers = sorted({fact.offer.licensee for fact in requests})
    return rights.load_said(house.index, parties=sorted(parties), things=sorted(things), signers=signers, size=size)


def statements_of(fact: Any) -> tuple[StatementId, ...]:
    """Return the yeses that were said for a licence, as the fact of its negotiation names them."""
    match fact:
        case LicenceAnswered():
            return fact.statements
        case LicenceRequested():
            return fact.settled_by
        case _:
            return ()


def taken_back(licence: Licence, *, at: int) -> Iterator[StatementWithdrawn]:
    """Give the end of every yes that was said for a licence that does not come about."""
    for _, said in licence.answers:
        if said.fact.stance is Stance.ACCEPT:
            for statement in said.fact.statements:
                yield StatementWithdrawn(statement=statement, at=at)


def withdraw(house: House, names: Sequence[str], *, author: Author, reason: str = "") -> list[Receipt]:
    """Take every waiting offer of these ids off the table and return the receipts. Raises `InputError` where nothing
    waits, or the offers are somebody else's."""
    shelf = load(house, about=names)
    now = house.clock.now()
    known = [licence for name in names for licence in shelf.of(name)]
    return _end(house, [one for one in known if one.state(now).waits], author=author, reason=reason)


def expire(house: House, *, author: Author) -> list[Receipt]:
    """Note the end of every offer of the author's that has expired, so that its place in the ledger is fixed; return
    the receipts. The offers have expired without it."""
    now = house.clock.now()
    gone = [
        one
        for one in load(house).licences.all()
        if one.end is None and one.state(now) is LicenceState.EXPIRED and one.offer.licensee == author.party
    ]
    return _end(house, gone, author=author, reason="expired") if gone else []


def _end(house: House, licences: Sequence[Licence], *, author: Author, reason: str) -> list[Receipt]:
    if not licences:
        raise InputError("none of these offers is on the table", "see `cantoria licence show`")
    facts: list[Fact] = []
    speaks = author.capacity in StatementWithdrawn.TYPE.capacities
    for one in licences:
        fact = LicenceWithdrawn(licence=one.offer.licence, licensee=one.offer.licensee, reason=reason)
        signed = saying.sign(house, fact, speaker=fact.licensee)
        if signed.signature is None and fact.licensee != author.party:
            raise InputError(LINES[Unheard.NOT_THE_LICENSEE], "let the licensee withdraw its offer")
        facts.append(signed)
        facts += taken_back(one, at=house.clock.now()) if speaks else ()
    return house.journal.record(facts, author=author)
