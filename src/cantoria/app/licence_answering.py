"""What a voice answers to an offer: to accept is to say yes, signed, in the same step.

The statements of an acceptance are ordinary ones. Clearance reads them like anybody's, so a licence needs no rule of
its own there (spec/licensing.md, section 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cantoria.app import licences, saying, terms_known
from cantoria.app.house import House
from cantoria.app.licences import Shelf
from cantoria.app.ports import Author, Receipt
from cantoria.app.saying import Saying
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import LicenseeKind, LicenseeTerm, Verdict
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import PartyId
from cantoria.licensing.deciding import Deciding, conditions_of
from cantoria.licensing.inbox import Waiting
from cantoria.licensing.licence_facts import LicenceAnswered, LicenceConcluded, Stance
from cantoria.licensing.licence_reasons import LINES, Unheard
from cantoria.licensing.licence_views import Licence
from cantoria.licensing.offers import Price, TermsDigest
from cantoria.licensing.terms import conforms


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
    shelf = licences.load_for(house, said.by, among=names)
    if next(shelf.licences.all(), None) is None:
        shelf = licences.load(house, about=names)  # to tell why nothing waits
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
        if said.price is not None and not said.price.payable(len(offer.scopes)):
            raise InputError(LINES[Unheard.PRICE_UNPAYABLE], "ask for an amount")
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
            yield from licences.taken_back(waiting.licence, at=self.house.clock.now())

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
