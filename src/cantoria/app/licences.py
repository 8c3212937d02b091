"""Licences as they stand, and what a voice answers: to accept is to say yes, signed, in the same step.

The statements of an acceptance are ordinary ones. Clearance reads them like anybody's, so a licence needs no rule of
its own there (spec/licensing.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cantoria.app import rights, saying, terms_known
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.app.saying import Saying
from cantoria.clearance.rights import Rights
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import LicenseeKind, LicenseeTerm, ScopeKind, Verdict
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import PartyId, StatementId
from cantoria.licensing.deciding import Deciding, conditions_of
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
from cantoria.licensing.offers import Price, TermsDigest
from cantoria.licensing.terms import conforms
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
    named = {name for said in facts for name in _statements_of(said.fact)}
    facts += house.index.about(sorted(named), tags=YES_TAGS, size=size)
    known = _rights(house, facts, size) if about is not None else house.rights.load(size=size)
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


def _rights(house: House, facts: Iterable[Any], size: int) -> Rights:
    """Return the rights that licences are read by: what their holders say about their things, where those are few."""
    requests = [said.fact for said in facts if isinstance(said.fact, LicenceRequested)]
    scopes = {scope for fact in requests for scope in fact.offer.scopes}
    # A yes to a work reaches into every recording of it, and what was refused of those.
    if len(scopes) > AROUND_MAX or any(scope.kind is ScopeKind.WORK for scope in scopes):
        return house.rights.load(size=size)
    things = {scope.id for scope in scopes if scope.id}
    parties = {name for fact in requests for name in (fact.offer.holder, *fact.voices)}
    signers = sorted({fact.offer.licensee for fact in requests})
    return rights.load_said(house.index, parties=sorted(parties), things=sorted(things), signers=signers, size=size)


def _statements_of(fact: Any) -> tuple[StatementId, ...]:
    match fact:
        case LicenceAnswered():
            return fact.statements
        case LicenceRequested():
            return fact.settled_by
        case _:
            return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody answers: `by` is who says it, `price` and `terms` what a counter-offer asks for instead. `offer`
    is the digest of the offer that was looked at, where it is to be this one and no other; `voice` narrows it to one
    voice of those for which `by` can speak."""

    by: PartyId
    stance: Stance
    price: Price | None = None
    terms: TermsDigest | None = None
    note: str = ""
    offer: str = ""
    voice: str = ""


def answer(house: House, names: Sequence[str], said: Answer, *, author: Author) -> list[Receipt]:
    """Record the answer to every licence of these ids (of licences or requests) that waits for `said.by`, all in one
    step, and return the receipts. Raises `InputError` where nothing waits or something stands before the yes."""
    return house.journal.record(answer_facts(house, names, said, author=author), author=author)


def answer_facts(house: House, names: Sequence[str], said: Answer, *, author: Author) -> list[Fact]:
    """Return what `answer` would record."""
    shelf = load_for(house, said.by, among=names)
    if next(shelf.licences.all(), None) is None:
        shelf = load(house, about=names)  # to tell why nothing waits
    among = [licence for name in names for licence in shelf.licences.of(name)]
    if not among:
        shelf.of(names[0])
    deciding = Deciding(shelf.rights)
    facts: list[Fact] = []
    for waiting in _waiting(house, shelf, among, said):
        facts += _Answering(house, shelf, deciding, author).facts(waiting, said)
    return facts


def _waiting(house: House, shelf: Shelf, among: Sequence[Licence], said: Answer) -> list[Waiting]:
    now = house.clock.now()
    found = [
        one for one in shelf.waiting_for(said.by, at=now, among=among, again=True) if said.voice in ("", one.voice)
    ]
    if said.offer and any(said.offer != one.licence.digest for one in found):
        raise InputError(LINES[Unheard.OFFER_CHANGED], "look at it again with `cantoria licence inbox`")
    if found:
        return found
    states = {licence.state(now) for licence in among}
    if not any(state.waits for state in states):
        word = ", ".join(sorted(state.value for state in states))
        raise InputError(f"nothing waits for an answer: {word}", "see `cantoria licence show`")
    raise InputError(
        f"none of this waits for an answer that {said.by} can give",
        "the voice itself answers, its guardian, or its delegate under a mandate that names the use and is in force",
    )


@dataclass(frozen=True, slots=True)
class _Answering:
    house: House
    shelf: Shelf
    deciding: Deciding
    author: Author

    def facts(self, waiting: Waiting, said: Answer) -> Iterator[Fact]:
        """Give what one answer comes to: for a yes its statements, the answer, and the receipt of a licence that it
        concludes; for a no the end of what other voices said for a licence that does not come about."""
        offer = waiting.licence.offer
        yeses = list(self._yeses(waiting)) if said.stance is Stance.ACCEPT else []
        if said.stance is Stance.COUNTER and said.price is None and said.terms is None:
            raise InputError(LINES[Unheard.NOTHING_ASKED_INSTEAD], "give --price, --terms, or both")
        if said.terms is not None:
            terms_known.of_digest(self.house, said.terms)
        answered = saying.sign(
            self.house,
            LicenceAnswered(
                licence=offer.licence,
                offer=waiting.licence.digest,
                voice=waiting.voice,
                speaker=said.by,
                stance=said.stance,
                statements=tuple(sorted(one.statement for one in yeses)),
                price=said.price,
                terms=said.terms,
                delegation=waiting.mouth.delegation,
                note=said.note,
            ),
            speaker=said.by,
        )
        if said.stance is not Stance.DECLINE and answered.signature is None and said.by != self.author.party:
            raise InputError(
                f"{said.by} has to sign this and their key is not kept here",
                "let them answer, or answer through the organisation that keeps their account",
            )
        yield from yeses
        yield answered
        if said.stance is Stance.ACCEPT:
            yield from self._receipt(waiting, yeses)
        if said.stance is Stance.DECLINE:
            yield from _taken_back(waiting.licence, at=self.house.clock.now())

    def _yeses(self, waiting: Waiting) -> Iterator[StatementMade]:
        licence, offer, mouth = waiting.licence, waiting.licence.offer, waiting.mouth
        conforms(offer, terms_known.of_digest(self.house, offer.terms))
        now = self.house.clock.now()
        stands = list(self.deciding.before(offer, waiting.voice, mouth=mouth, at=now, size=self.shelf.size))
        if stands:
            first = stands[0]
            whose = "the party's own word" if first.own and mouth.party != waiting.voice else "what was said"
            raise InputError(
                f"{whose} stands before this yes: {first.verdict.value} in {first.statement}",
                "let the party itself answer or take it back with `cantoria consent withdraw`",
                {"statements": ", ".join(one.statement for one in stands[:20]), "licence": licence.offer.licence},
            )
        for scope in offer.scopes:
            yield saying.statement_of(
                self.house,
                Saying(
                    party=offer.holder,
                    speaker=mouth.party,
                    verdict=Verdict.YES,
                    uses=frozenset({offer.use}),
                    scope=scope,
                    licensee=LicenseeTerm(LicenseeKind.NAMED, offer.licensee),
                    territory=offer.territory,
                    period=offer.period,
                    conditions=conditions_of(offer),
                    delegation=mouth.delegation,
                ),
            )

    def _receipt(self, waiting: Waiting, yeses: Sequence[StatementMade]) -> Iterator[LicenceConcluded]:
        """Give the receipt where this was the last yes that the licence needed."""
        licence, offer = waiting.licence, waiting.licence.offer
        before = {voice: said.fact for voice, said in licence.answers if said.fact.stance is Stance.ACCEPT}
        if {*before, waiting.voice} != set(licence.fact.voices):
            return
        statements = {name for fact in before.values() for name in fact.statements}
        statements |= {one.statement for one in yeses}
        yield LicenceConcluded(
            licence=offer.licence,
            offer=licence.digest,
            licensee=offer.licensee,
            holder=offer.holder,
            statements=tuple(sorted(statements)),
            total=offer.total,
        )


def _taken_back(licence: Licence, *, at: int) -> Iterator[StatementWithdrawn]:
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
        facts += _taken_back(one, at=house.clock.now()) if speaks else ()
    return house.journal.record(facts, author=author)
