"""Blanket deals between labels and AI developers: register, contest and end them, and see which touch a recording.

Where the label itself registers its deal, its own yes is recorded beside it in the same step. Nothing here ever says
anything for anybody else, and no answer of clearance changes by a deal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cantoria.app import rights, saying
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.app.saying import Saying
from cantoria.consent.facts import StatementMade, StatementWithdrawn
from cantoria.consent.types import LicenseeKind, LicenseeTerm, Scope, ScopeKind, Verdict
from cantoria.kernel import territories
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Fact
from cantoria.kernel.ids import PartyId
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.uses import Use
from cantoria.licensing import LINES, Deal, DealId, Deals, WhyNot, explain
from cantoria.licensing.deals import other_roles, problem_of
from cantoria.licensing.facts import BlanketDealRegistered, DealContested, DealEnded
from cantoria.registry import Found, Registry
from cantoria.registry.standing import REGISTERS

DEAL_TAGS = frozenset(cls.TYPE.tag for cls in (BlanketDealRegistered, DealContested, DealEnded))


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What somebody knows of a deal. `by_label`: the label itself says so, and says yes beside it unless `yes` is
    False."""

    label: PartyId
    licensee: PartyId
    uses: frozenset[Use]
    scopes: tuple[Scope, ...]
    territory: str = territories.WORLD
    period: Period = ALWAYS
    evidence: str = ""
    by_label: bool = False
    yes: bool = True


def register(house: House, offer: Offer, *, author: Author) -> list[Receipt]:
    """Record a deal, with the label's own yes to each of its scopes where the label itself says so; return the
    receipts, the deal's first."""
    return house.journal.record(deal_facts(house, offer, author=author), author=author)


def deal_facts(house: House, offer: Offer, *, author: Author) -> list[Fact]:
    """Return what `register` would record. Raises `InputError` where the deal would have no effect, where nobody
    of the label said so, or where the label's yes would speak for more than its role as producer."""
    yeses = _yeses(house, offer, author) if offer.by_label and offer.yes else []
    fact = BlanketDealRegistered(
        deal=DealId(house.ids.new("deal")),
        label=offer.label,
        licensee=offer.licensee,
        uses=offer.uses,
        scopes=offer.scopes,
        territory=territories.canonical(offer.territory),
        period=offer.period,
        evidence=offer.evidence,
        asserted_by=offer.label if offer.by_label else author.party,
        by_label=offer.by_label,
        statements=tuple(one.statement for one in yeses),
    )
    wrong = problem_of(fact)
    if wrong is not None:
        raise InputError(LINES[wrong], "name the uses, and recordings, releases, catalogues or `present`")
    if not offer.by_label:
        if not offer.evidence:
            raise InputError(
                "a deal of others needs its source", "name where it is published, or have the label say so"
            )
        return [fact]
    signed = saying.sign(house, fact, speaker=offer.label)
    if signed.signature is None and author.party != offer.label:
        raise InputError(
            "the label itself has not said so: its key is not kept here",
            "let the label record its deal, or register it as a report with its source",
        )
    return [signed, *yeses]


def _yeses(house: House, offer: Offer, author: Author) -> list[StatementMade]:
    registry = house.rights.load(size=house.index.catch_up()).registry
    beyond = other_roles(registry, offer.label, offer.scopes)
    if beyond:
        raise InputError(
            f"the label holds {beyond[0]} in another role than as producer, and a deal speaks for the producer alone",
            "register it without the yes, and say yes to each recording that is meant with `cantoria consent say`",
            {"subjects": ", ".join(beyond[:10])},
        )
    return [
        saying.statement_of(
            house,
            Saying(
                party=offer.label,
                verdict=Verdict.YES,
                uses=offer.uses,
                scope=scope,
                licensee=LicenseeTerm(LicenseeKind.NAMED, offer.licensee),
                territory=offer.territory,
                period=offer.period,
            ),
        )
        for scope in offer.scopes
    ]


def contest(house: House, deal: str, *, by: PartyId, reason: str, evidence: str = "", author: Author) -> Receipt:
    """Record that a party contests a deal and return the receipt; signed where the party's key is kept here."""
    _known(house, deal)
    fact = DealContested(deal=DealId(deal), contested_by=by, reason=reason, evidence=evidence)
    return house.journal.record([saying.sign(house, fact, speaker=by)], author=author)[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Which deal ends, who says so, from when on (UTC microseconds, None = now), and why."""

    deal: str
    by: PartyId
    at: int | None = None
    reason: str = ""


def end(house: House, ending: Ending, *, author: Author) -> list[Receipt]:
    """Record that a deal ends, and with it the label's own yeses that were recorded beside it; return the receipts,
    the deal's first. An AI developer ends the deal alone: it takes back nobody's statements.

    Raises `InputError` where whoever says so cannot end it."""
    return house.journal.record(ending_facts(house, ending, author=author), author=author)


def ending_facts(house: House, ending: Ending, *, author: Author) -> list[Fact]:
    """Return what `end` would record."""
    known = _known(house, ending.deal)
    at = house.clock.now() if ending.at is None else ending.at
    fact = DealEnded(deal=DealId(ending.deal), at=at, ended_by=ending.by, reason=ending.reason)
    ended = saying.sign(house, fact, speaker=ending.by)
    own = author.party == ending.by or ended.signature is not None
    mine = [
        deal
        for deal in known
        if author.capacity in REGISTERS
        or author.party == deal.recorded.organisation
        or (own and ending.by in (deal.fact.label, deal.fact.licensee))
    ]
    if not mine:
        raise InputError(LINES[WhyNot.NOT_THEIRS_TO_END], "let one of them end it, or contest the deal")
    facts: list[Fact] = [ended]
    speaks = author.capacity in StatementWithdrawn.TYPE.capacities
    for statement in _own_yeses(house, mine) if speaks else ():
        taken_back = StatementWithdrawn(statement=statement.statement, at=at)
        facts.append(saying.sign(house, taken_back, speaker=statement.speaker))
    return facts


def _own_yeses(house: House, deals: Sequence[Deal]) -> Iterator[StatementMade]:
    """Give the label's own statements that deals name; what a report names is left alone."""
    for deal in deals:
        for statement in deal.fact.statements if deal.own_word else ():
            made = saying.find_statement(house, statement).fact
            if made.party == made.speaker == deal.fact.label:
                yield made


def load(house: House, *, registry: Registry | None = None) -> Deals:
    """Return all deals as of now, over the whole registry or over the neighbourhood given."""
    size = house.index.catch_up()
    known = house.rights.load(size=size).registry if registry is None else registry
    return Deals.fold(house.index.scan(tags=DEAL_TAGS, size=size), registry=known)


def touching(house: House, codes: Sequence[str], *, media: str = "recording") -> tuple[Deal, ...]:
    """Return the deals that touch what a row's codes (or ids) name, with the recordings that it samples, in ledger
    order. A contest is told as that of somebody concerned if it is by a party to the deal or by a holder of these.
    The parties to all deals are read too, so that their own word is known."""
    size = house.index.catch_up()
    facts = list(house.index.scan(tags=DEAL_TAGS, size=size))
    if not facts:
        return ()
    parties = {party for said in facts for party in said.fact.subjects() if party.startswith("party_")}
    subjects = [*codes, *sorted(parties)]
    registry = rights.load_around(house.index, subjects=subjects, size=size, media=media).registry
    keys = [code for code in codes if ":" in code]
    things = [code for code in codes if ":" not in code]
    if keys:
        match registry.resolve(keys, media=media):
            case Found(subject=subject):
                things.append(subject)
            case _:
                pass
    recordings = {recording for thing in things for recording in registry.closure(thing).recordings}
    deals = Deals.fold(facts, registry=registry)
    found = {deal.recorded.place: deal for recording in sorted(recordings) for deal in deals.touching(recording)}
    return tuple(found[place] for place in sorted(found))


def lines(house: House, deals: Sequence[Deal]) -> list[str]:
    """Return each deal as one line with names, to be shown beside an answer."""
    now = house.clock.now()
    return [explain(deal, at=now, name=house.index.name_of) for deal in deals]


def _known(house: House, deal: str) -> tuple[Deal, ...]:
    found = load(house).of(deal)
    if not found:
        raise InputError(f"no deal {deal}", "list them with `cantoria deal list`")
    return found


def scope_words(scope: Scope) -> str:
    """Return a scope as text: its kind and id."""
    return "present recordings" if scope.kind is ScopeKind.PRESENT_WORKS else f"{scope.kind.name.lower()} {scope.id}"
